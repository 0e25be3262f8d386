import { type Row, site } from './row.ts'

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
    list.map((slug) => ({
      name: `the name ${JSON.stringify(slug).slice(0, 20)}, which ${rule}`,
      request: site({ slug }),
      status: 422,
      type: 'hostname-not-allowed',
      field: 'slug',
    })),
  ),
  {
    name: 'a name that is taken',
    request: site({ slug: 'taken' }),
    status: 409,
    type: 'hostname-taken',
    field: 'slug',
  },
  { name: 'no name', request: site({}), status: 400, type: 'invalid-request', field: 'slug' },
  {
    name: 'a name of the wrong type',
    request: site({ slug: ['shop'] }),
    status: 400,
    type: 'invalid-request',
    field: 'slug',
  },
  {
    name: 'an unknown field beside the name',
    request: site({ slug: 'shop', plan: 'enterprise' }),
    status: 400,
    type: 'invalid-request',
    field: 'plan',
  },
  {
    name: 'a blueprint that is not offered',
    request: site({ slug: 'shop', blueprint: 'root' }),
    status: 400,
    type: 'invalid-request',
    field: 'blueprint',
  },
  {
    name: 'a second trial',
    request: ({ owner }) => ({ method: 'POST', path: '/v1/sites', body: { slug: 'second' }, headers: owner.bearer }),
    status: 409,
    type: 'trial-already-used',
  },
]
