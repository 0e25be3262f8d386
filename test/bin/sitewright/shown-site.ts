/** A site as the API shows it to its owner. */
export const shownSite = {
  id: 'site_1',
  slug: 'shop',
  name: 'Shop',
  url: 'https://shop.example.com',
  status: 'active',
  planName: 'Agency',
  operation: null,
  storage: null,
  downSince: null,
  blueprint: { name: 'site-1', version: 3 },
  progress: { percent: 100 },
}
