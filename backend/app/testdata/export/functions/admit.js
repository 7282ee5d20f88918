// Before an account is made, and after every sign-in: the reader's document is there.
exports = async function admit(argument) {
  const user = argument.user || argument;
  const readers = context.services.get("mongodb-atlas").db("library").collection("readers");
  await readers.updateOne({ _id: user.id }, { $setOnInsert: { librarian: false } }, { upsert: true });
};
