// Runs before a user is created: its document is in the first token. A user named Mallory is refused.
exports = async function welcome(user) {
  if ((user.data.email || "").includes("mallory")) {
    throw new Error("not you");
  }
  await context.services.get("mongodb-atlas").db("members").collection("profiles")
    .updateOne({ owner_id: user.id }, { $set: { greeting: "welcome", email: user.data.email } }, { upsert: true });
};
