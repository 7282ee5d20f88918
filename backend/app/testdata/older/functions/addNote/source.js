exports = function(note) { return note; };
