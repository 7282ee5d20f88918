exports = async function reset(argument) { return argument; };
