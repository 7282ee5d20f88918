exports = async function helpers(argument) { return argument; };
