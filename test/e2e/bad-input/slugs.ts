import { type Row, row, site } from './row.ts'

const wrongSlugs: Readonly<Record<string, readonly string[]>> = {
  'must have at least 3 characters': ['', 'ab'],
  'must have at most 40 characters': ['a'.repeat(41)],
  'may hold only the letters a to z, digits and hyphens': [
    'Shop',
    'my shop',
    'my.shop',
    'my_shop',
    'schön',
    'a/../b',
    'shop\n',
  ],
  'may not start or end with a hyphen': ['-shop', 'shop-'],
  'may not start with xn--': ['xn--shop'],
  'may not contain two hyphens in a row': ['shop--content', 'a--b'],
  'is reserved': ['www', 'admin', 'localhost', 'api'],
}

export const slugs: readonly Row[] = [
  ...Object.entries(wrongSlugs).flatMap(([rule, list]) =>
    list.map((slug) =>
      row(
        `the name ${JSON.stringify(slug).slice(0, 20)}, which ${rule}`,
        [422, 'hostname-not-allowed', 'slug'],
        site({ slug }),
      ),
    ),
  ),
  row('a name that is taken', [409, 'hostname-taken', 'slug'], site({ slug: 'taken' })),
  row('no name', [400, 'invalid-request', 'slug'], site({})),
  row('a name of the wrong type', [400, 'invalid-request', 'slug'], site({ slug: ['shop'] })),
  row('an unknown field beside the name', [400, 'invalid-request', 'plan'], site({ slug: 'shop', plan: 'enterprise' })),
  row(
    'a blueprint that is not offered',
    [400, 'invalid-request', 'blueprint'],
    site({ slug: 'shop', blueprint: 'root' }),
  ),
  row('a second trial', [409, 'trial-already-used'], ({ owner }) => ({
    method: 'POST',
    path: '/v1/sites',
    body: { slug: 'second' },
    headers: owner.bearer,
  })),
]
