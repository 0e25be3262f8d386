/**
 * Pins the base images of the Dockerfiles by digest: asks each image's registry what its tag means today and writes the
 * answer into the `FROM` lines. Run it before a deploy and commit the result; run it again to take up a newer build of a tag.
 *
 *   npm run pin-images
 */
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as z from 'zod'
import { baseImagesOf, dockerfiles, fromLine } from '../lib/base-images.ts'

/** The index of an image for several processors, or the manifest for one. */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

interface Image {
  readonly registry: string
  readonly repository: string
  readonly tag: string
}

/** Reads a reference as Docker does: a name without a host is on Docker Hub. */
const parseImage = (reference: string): Image => {
  const [name = '', tag = 'latest'] = reference.split(/:(?=[^/]*$)/)
  const [first = '', ...rest] = name.split('/')
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(first)
  if (hasHost) return { registry: first, repository: rest.join('/'), tag }
  return { registry: 'registry-1.docker.io', repository: rest.length > 0 ? name : `library/${name}`, tag }
}

const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() })

/** Gets the token that a registry asks for, anonymously (distribution.github.io/distribution/spec/auth/token). */
const tokenFor = async (challenge: string): Promise<string> => {
  const fields = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))
  const { realm, service, scope } = fields
  if (realm === undefined) throw new Error(`the registry asks for a sign-in that is not known: ${challenge}`)
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  if (scope !== undefined) url.searchParams.set('scope', scope)
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url.host} answered ${response.status} and gave no token`)
  const { token, access_token: accessToken } = tokenSchema.parse(await response.json())
  const given = token ?? accessToken
  if (given === undefined) throw new Error(`${url.host} gave no token`)
  return given
}

/** Asks the registry for the digest of a tag. @throws {Error} if the registry does not answer with one. */
export const digestOf = async (reference: string, scheme = 'https'): Promise<string> => {
  const { registry, repository, tag } = parseImage(reference)
  const url = `${scheme}://${registry}/v2/${repository}/manifests/${tag}`
  const ask = (headers: Record<string, string>) =>
    fetch(url, { method: 'HEAD', headers: { accept: manifestTypes, ...headers } })
  let response = await ask({})
  const challenge = response.headers.get('www-authenticate')
  if (response.status === 401 && challenge !== null) {
    response = await ask({ authorization: `Bearer ${await tokenFor(challenge)}` })
  }
  const digest = response.headers.get('docker-content-digest') ?? ''
  if (response.ok && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest
  throw new Error(`${registry} answered ${response.status} and gave no digest for ${reference}`)
}

/**
 * Returns a Dockerfile whose base images are pinned; a stage that another stage begins with is not an image.
 * @throws {Error} if there is nothing to pin: its lines are not as they are read here.
 */
export const pinned = async (dockerfile: string, find: (reference: string) => Promise<string>): Promise<string> => {
  const references = baseImagesOf(dockerfile).map(({ name }) => name)
  if (references.length === 0) throw new Error('no FROM line with a base image was found')
  const digests = new Map<string, string>()
  for (const reference of new Set(references)) digests.set(reference, await find(reference))
  return dockerfile.replace(fromLine, (line, head: string, name: string) => {
    const digest = digests.get(name)
    return digest === undefined ? line : `${head}${name}@${digest}`
  })
}

if (import.meta.main) {
  for (const file of dockerfiles) {
    const path = resolve(import.meta.dirname, '..', file)
    await writeFile(path, await pinned(await readFile(path, 'utf8'), digestOf))
    console.log(`${file} is pinned`)
  }
}
