exports = () => "for editors";
