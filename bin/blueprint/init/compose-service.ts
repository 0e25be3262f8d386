import * as z from 'zod'

const text = z.union([z.string(), z.number()]).transform(String)
const scalar = z.union([z.null(), z.union([z.string(), z.number(), z.boolean()]).transform(String)])
const words = z.union([z.string(), z.array(z.coerce.string())])
const oneOrMore = z.union([z.string(), z.array(z.string())])
const grantSchema = z.union([
  z.string().transform((source) => ({ source, target: undefined })),
  z.looseObject({ source: z.string(), target: z.string().optional() }),
])

/** The parts of a service that are read, after `loadCompose`. */
export const serviceSchema = z.looseObject({
  image: z.string().optional(),
  build: z.looseObject({ context: z.string().optional(), dockerfile: z.string().optional() }).nullish(),
  command: words.nullish(),
  container_name: z.string().optional(),
  hostname: text.optional(),
  environment: z.record(z.string(), scalar).nullish(),
  env_file: z
    .array(
      z.looseObject({
        path: z.string(),
        required: z.union([z.boolean(), z.string()]).default(true),
        format: z.string().optional(),
      }),
    )
    .nullish(),
  ports: z.array(z.union([text, z.looseObject({ target: text })])).nullish(),
  expose: z.array(text).nullish(),
  volumes: z
    .array(
      z.union([z.string(), z.looseObject({ type: z.string(), source: z.string().optional(), target: z.string() })]),
    )
    .nullish(),
  tmpfs: oneOrMore.nullish(),
  user: text.optional(),
  healthcheck: z.looseObject({ test: words.optional() }).nullish(),
  depends_on: z.record(z.string(), z.unknown()).nullish(),
  links: z.array(z.string()).nullish(),
  networks: z.record(z.string(), z.unknown()).nullish(),
  profiles: z.array(z.string()).nullish(),
  secrets: z.array(grantSchema).nullish(),
  configs: z.array(grantSchema).nullish(),
})
export type Service = z.output<typeof serviceSchema>
