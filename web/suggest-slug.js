// @ts-check

/**
 * A slug that looks like a name: `Café Zoë & Söhne` gives `cafe-zoe-sohne`. Empty where nothing of the name can be used.
 * @param {string} name
 */
export const suggestSlug = (name) => {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replace(/['’]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '')
  return slug.length > 0 && slug.length < 3 ? `${slug}-site` : slug
}

/**
 * What to try in turn where a suggestion is taken: itself, then with a number.
 * @param {string} slug
 */
export const alternatives = (slug) => [slug, ...['2', '3', '4'].map((number) => `${slug.slice(0, 38)}-${number}`)]
