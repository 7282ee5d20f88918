exports = async function confirm(argument) { return argument; };
