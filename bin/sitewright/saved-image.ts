import { createReadStream } from 'node:fs'
import * as z from 'zod'
import { createTarMeasure, LayerRefused } from '../../adapters/registry/measure-layer.ts'

const [manifest, index] = ['/manifest.json', '/index.json'] as const

const more = z.unknown().optional()

const manifestOf = (name: string) =>
  z.tuple([
    z.strictObject({
      ...{ Config: z.string(), RepoTags: z.tuple([z.literal(name)]), Layers: z.array(z.string()) },
      ...{ LayerSources: more, Parent: more },
    }),
  ])

/** Docker with containerd's store of images, and Podman, read this one first. */
const indexOf = (name: string) => {
  const annotations = z.looseObject({
    'io.containerd.image.name': z.literal(name),
    'org.opencontainers.image.ref.name': z.literal(name.replace(/^.*:/, '')).optional(),
  })
  const described = { mediaType: z.string(), digest: z.string(), size: z.int(), platform: more, artifactType: more }
  const manifests = z.array(z.strictObject({ ...described, annotations }))
  return z.strictObject({ schemaVersion: z.literal(2), mediaType: more, manifests })
}

/** As engines write it: they read names of fields in any case, and of two with one name the last or both. */
const isWritten = (text: string, schema: z.ZodType): boolean => {
  const parsed: unknown = JSON.parse(text)
  return JSON.stringify(parsed) === text.trimEnd() && schema.safeParse(parsed).success
}

/** Whether a file has the image of this name alone: `load` gives every name in it to an image, also one that the engine has already. */
export const isSavedImage = async (path: string, name: string): Promise<boolean> => {
  const tar = createTarMeasure([manifest, index])
  try {
    for await (const piece of createReadStream(path)) tar.add(piece)
    tar.end()
    const [described, indexed] = [tar.contentOf(manifest), tar.contentOf(index)]
    if (described === undefined || !isWritten(described, manifestOf(name))) return false
    return indexed === undefined || isWritten(indexed, indexOf(name))
  } catch (error) {
    if (error instanceof LayerRefused || error instanceof SyntaxError) return false
    throw error
  }
}
