import { demoSite } from '../api.ts'

/** Until when the banner of the welcome site's page says that the site runs, with a payment overdue; null where there is none. */
export const dueOnPage = async (siteUrl: string): Promise<string | null> => {
  const { text } = await demoSite(siteUrl).open()
  const [banner] = /<aside id="banner".*?<\/aside>/s.exec(text) ?? []
  if (banner === undefined) return null
  if (!banner.includes('A payment for this site is overdue.')) throw new Error(`The banner says: ${banner}`)
  return /<time datetime="([^"]+)">/.exec(banner)?.[1] ?? ''
}
