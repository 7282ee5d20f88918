// The stored requests of a user, newest last.
exports = async function waiting(username, what) {
  return context.services.get("mongodb-atlas").db("members").collection("log").find({ username, what }).sort({ _id: 1 }).toArray();
};
