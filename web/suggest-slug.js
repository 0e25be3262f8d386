// @ts-check

/**
 * Makes a slug from a name: `Café Zoë & Söhne` gives `cafe-zoe-sohne`. Empty if no character is usable.
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
 * The slug and alternatives with a number, to try in order.
 * @param {string} slug
 */
export const alternatives = (slug) => [
  slug,
  ...['2', '3', '4'].map((number) => `${slug.slice(0, 38).replace(/-$/, '')}-${number}`),
]
