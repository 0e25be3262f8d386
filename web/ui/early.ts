/** Runs before the page is painted: the HTML holds the first screen, and an address with a fragment may show another one. */
if (location.hash.startsWith('#/')) document.documentElement.classList.add('elsewhere')
