import { fileURLToPath } from 'node:url'

const directory = fileURLToPath(new URL('.', import.meta.url))
const file = 'locked-product.mjs'

/** The program of its only container. */
export const shopProgram = `${directory}${file}`

/** A blueprint of a product with a database. An installation on AWS has it with another image. */
export const shopBlueprint = {
  name: 'welcome',
  version: 1,
  title: 'For a test',
  access: 'public' as const,
  variables: { THEME: { default: 'light' }, API_KEY: { secret: true } },
  containers: [
    {
      name: 'web',
      image: 'sitewright/none:1',
      command: ['node', file],
      process: { command: ['node', file], directory },
      variables: ['THEME'],
      secrets: ['API_KEY', 'DB_PASSWORD'],
    },
  ],
  traffic: { container: 'web', healthPath: '/', startSeconds: 10 },
  data: { mode: 'exclusive' as const },
}
