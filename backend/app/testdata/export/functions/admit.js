exports = async function admit(argument) { return argument; };
