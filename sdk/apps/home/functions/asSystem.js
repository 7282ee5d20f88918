// One operation on a collection, past its rules: what a colleague with a shell does to the database.
exports = async function asSystem(collection, method, ...args) {
  const result = context.services.get("mongodb-atlas").db("app").collection(collection)[method](...args);
  return typeof result.toArray === "function" ? result.toArray() : result;
};
