// One operation on a collection without rules, like a change in the database shell.
exports = async function asSystem(collection, method, ...args) {
  const result = context.services.get("mongodb-atlas").db("app").collection(collection)[method](...args);
  return typeof result.toArray === "function" ? result.toArray() : result;
};
