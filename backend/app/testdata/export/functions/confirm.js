exports = ({ username }) => ({ status: username.endsWith("@example.com") ? "success" : "fail" });
