// Stands for Node modules that a package only asks for outside of a browser.
export default {};
