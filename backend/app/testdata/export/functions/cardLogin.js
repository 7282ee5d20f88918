exports = async function cardLogin(argument) { return argument; };
