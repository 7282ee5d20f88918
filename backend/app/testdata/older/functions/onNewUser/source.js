exports = function(authEvent) { return authEvent.user; };
