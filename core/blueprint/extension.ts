import * as z from 'zod'
import { type Blueprint, blueprintReference, dnsLabel, parseAs, parseBlueprint } from './blueprint.ts'

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const ofName = z.looseObject({ name: dnsLabel })

const containersSchema = z.union(
  [
    z.record(dnsLabel, z.looseObject({}).nullable()),
    z
      .array(ofName)
      .refine((list) => new Set(list.map(({ name }) => name)).size === list.length)
      .readonly(),
  ],
  { error: 'must be containers by their names, or a list of containers with different names' },
)

/** What a blueprint changes of a published version of another one. The result is checked once it is known. */
export const extensionSchema = z
  .looseObject({
    name: dnsLabel,
    version: blueprintReference.shape.version,
    extends: blueprintReference,
    containers: containersSchema.optional(),
  })
  .refine((extension) => extension.name !== extension.extends.name, {
    path: ['extends', 'name'],
    error: 'must be another blueprint',
  })
  .meta({
    id: 'BlueprintExtension',
    description:
      'What a blueprint changes of another one. Maps merge by key, containers by name, other lists are replaced, and null removes.',
  })
export type Extension = z.infer<typeof extensionSchema>

/** Whether a file extends a blueprint. Other files have an `extends` too, with a text or a list. */
export const isExtension = (content: unknown): boolean => isMap(content) && isMap(content['extends'])

/** @throws {SitewrightError} `BlueprintInvalid` with a line for each mistake. */
export const parseExtension = (content: unknown, source: string): Extension => parseAs(extensionSchema, content, source)

/** Applies a JSON Merge Patch: maps merge by key, null removes, and everything else is replaced. Source: RFC 7396. */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (!isMap(patch)) return patch
  const merged = new Map(isMap(target) ? Object.entries(target) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

type Containers = Extension['containers'] | Blueprint['containers']

/** With the containers as a map by their names, in their order. */
export const byContainer = <Content extends { readonly containers?: Containers }>({
  containers,
  ...rest
}: Content) => ({
  ...rest,
  ...(containers === undefined
    ? {}
    : {
        containers: Array.isArray(containers)
          ? Object.fromEntries(containers.map((one) => [one.name, one]))
          : containers,
      }),
})

/** The settings that an extension changes. A container that gets another image is no longer built as the base's. */
const changesOf = ({ name: _, version: __, extends: ___, ...changes }: Extension) => {
  const { containers = {}, ...rest } = byContainer(changes)
  const patched = Object.entries(containers).map(([name, container]) => [
    name,
    isMap(container) && 'image' in container && !('build' in container) ? { build: null, ...container } : container,
  ])
  return { ...rest, containers: Object.fromEntries(patched) }
}

/**
 * Resolves an extension: the result is an ordinary blueprint, which says where it came from.
 * @param base the published version that it extends.
 * @param source names the origin in the message, such as a file's name.
 * @throws {SitewrightError} `BlueprintInvalid` if the result is no valid blueprint.
 */
export const resolveExtension = (extension: Extension, base: Blueprint, source: string): Blueprint => {
  const merged = mergePatch(byContainer(base), changesOf(extension))
  const { containers, ...rest } = isMap(merged) ? merged : {}
  const list = Object.entries(isMap(containers) ? containers : {}).map(([of, one]) => mergePatch({ name: of }, one))
  const { name, version, extends: origin } = extension
  const from = `${source}, which extends ${origin.name} ${origin.version},`
  return parseBlueprint({ ...rest, containers: list, name, version, extends: origin }, from)
}
