import { readFileSync } from 'node:fs'

/** As much of OpenAPI 3.0 as Stripe's description uses of it. */
interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly nullable?: boolean
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: boolean | Schema
  readonly maxLength?: number
}

interface Responses {
  readonly responses: Readonly<Record<string, { content: { 'application/json': { schema: Schema } } }>>
}

interface Description {
  readonly info: { readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Responses>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export interface DescribedApi {
  readonly version: string
  /** What an answer is not as described in, each as `<object>.<field>: <what>`; undefined where nothing describes it. */
  readonly problemsOf: (answer: { method: string; path: string; status: number; body: unknown }) => string[] | undefined
}

const jsonType = (value: unknown): string => {
  if (Array.isArray(value)) return 'array'
  return value === null ? 'null' : typeof value
}

const fits = (type: string, value: unknown): boolean =>
  type === 'integer' ? Number.isInteger(value) : jsonType(value) === type

/** @param file of an OpenAPI description of Stripe's API. */
export const readDescribedApi = (file: string): DescribedApi => {
  const { info, paths, components } = JSON.parse(readFileSync(file, 'utf8')) as Description

  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : (components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})

  const ofObject = (schema: Schema, value: Readonly<Record<string, unknown>>, at: string): string[] => {
    // A place is named after the object that it is in, wherever that is.
    const here = typeof value['object'] === 'string' && value['object'] !== 'list' ? value['object'] : at
    const missing = (schema.required ?? []).filter((name) => !(name in value))
    const { properties = {}, additionalProperties } = schema
    const inside = Object.entries(value).flatMap(([name, member]) => {
      const described =
        properties[name] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
      if (described !== undefined) return check(described, member, `${here}.${name}`)
      return Object.keys(properties).length > 0 ? [`${here}.${name}: is not described`] : []
    })
    return [...missing.map((name) => `${here}.${name}: is missing`), ...inside]
  }

  /** Picks the description that fits best; an object in the answer is not compared with the id that it might be. */
  const ofAny = (schemas: readonly Schema[], value: unknown, at: string): string[] => {
    const alike = schemas.filter((schema) => fits(resolve(schema).type ?? jsonType(value), value))
    return (alike.length === 0 ? schemas : alike)
      .map((schema) => check(schema, value, at))
      .reduce((best, found) => (found.length < best.length ? found : best))
  }

  const ofScalar = (schema: Schema, value: unknown, at: string): string[] => {
    if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${at}: is ${JSON.stringify(value)}`]
    return typeof value === 'string' && value.length > (schema.maxLength ?? value.length) ? [`${at}: is too long`] : []
  }

  const ofType = (schema: Schema, value: unknown, at: string): string[] => {
    if (schema.type !== undefined && !fits(schema.type, value))
      return [`${at}: is ${jsonType(value)}, not ${schema.type}`]
    if (Array.isArray(value)) return value.flatMap((each) => check(schema.items ?? {}, each, at))
    if (typeof value !== 'object' || value === null) return ofScalar(schema, value, at)
    return ofObject(schema, value as Record<string, unknown>, at)
  }

  const check = (given: Schema, value: unknown, at: string): string[] => {
    const schema = resolve(given)
    if (value === null && (given.nullable === true || schema.nullable === true)) return []
    return schema.anyOf === undefined ? ofType(schema, value, at) : ofAny(schema.anyOf, value, at)
  }

  const templates = Object.keys(paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`),
  }))

  return {
    version: info.version,
    problemsOf: ({ method, path, status, body }) => {
      const known = templates.filter(({ pattern }) => pattern.test(path))
      // A literal comes before a variable at the same place.
      const [found] = known.toSorted((one, other) => one.template.split('{').length - other.template.split('{').length)
      const responses = paths[found?.template ?? '']?.[method.toLowerCase()]?.responses
      const schema = (responses?.[status] ?? responses?.['default'])?.content['application/json'].schema
      return schema === undefined ? undefined : check(schema, body, 'answer')
    },
  }
}
