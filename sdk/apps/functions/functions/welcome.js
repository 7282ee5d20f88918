// Runs before somebody exists: what it writes is in their first token. Nobody called Mallory gets in.
exports = async function welcome(user) {
  if ((user.data.email || "").includes("mallory")) {
    throw new Error("not you");
  }
  await context.services.get("mongodb-atlas").db("members").collection("profiles")
    .updateOne({ owner_id: user.id }, { $set: { greeting: "welcome", email: user.data.email } }, { upsert: true });
};
