import { Problem } from '../problem.ts'

const root = 'http://package/'

const refuse = (address: string, why: string): Problem =>
  new Problem(400, `imsmanifest.xml launches ${JSON.stringify(address.slice(0, 120))}, which ${why}.`)

const pathOf = (address: string, url: URL): string => {
  try {
    return decodeURIComponent(url.pathname).slice(1).normalize('NFC')
  } catch {
    throw refuse(address, 'is not a valid address')
  }
}

/** SCORM 2004, CAM 3.4.1: parameters go on with a query, and never make a second fragment. */
const withParameters = (address: string, parameters: string): string => {
  const rest = parameters.replace(/^[?&]+/, '')
  if (rest === '') return address
  if (rest.startsWith('#')) return address.includes('#') ? address : address + rest
  return `${address}${address.includes('?') ? '&' : '?'}${rest}`
}

/**
 * What a browser asks for to launch a resource, percent-encoded and relative to the package.
 * @param address the resource's `href`.
 * @param bases every `xml:base` around it, from the outside in.
 * @param parameters of the item that leads to it.
 * @param files every path in the package.
 * @throws {Problem} 400 where nothing in the package is there.
 */
export const launchAddress = (
  address: string,
  bases: readonly string[],
  parameters: string,
  files: ReadonlySet<string>,
): string => {
  let url = URL.parse(root)
  for (const base of [...bases, address]) url = URL.parse(base.trim(), url?.href)
  if (url === null) throw refuse(address, 'is not a valid address')
  if (url.host !== 'package' || url.protocol !== 'http:') throw refuse(address, 'leads out of the package')
  const path = pathOf(address, url)
  if (!files.has(path)) throw refuse(address, 'is not in the package')
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return withParameters(`${encoded}${url.search}${url.hash}`, parameters)
}
