exports = async function renew(argument) { return argument; };
