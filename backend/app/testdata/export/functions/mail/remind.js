exports = async function remind(changeEvent) { return changeEvent.fullDocument; };
