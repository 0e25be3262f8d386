import { createConsoleLog } from '../adapters/console-log.ts'
import { routerPartsOnAws } from './router/router-parts.ts'
import { type StartedRouter, startRouter } from './router/start-router.ts'
import { readEnvironment, routerVariables } from './variables.ts'

const log = createConsoleLog('info')

const start = async (): Promise<StartedRouter> => {
  const environment = readEnvironment(routerVariables)
  return startRouter({ parts: await routerPartsOnAws(environment), port: environment.PORT })
}

const starting = start()

let stopping = false

/** Ends in good order; asked again, at once. */
const stop = async (status: number): Promise<never> => {
  if (stopping) process.exit(1)
  stopping = true
  await (await starting).stop()
  process.exit(status)
}

process.on('SIGTERM', () => stop(0))
process.on('SIGINT', () => stop(0))
process.on('uncaughtException', (error) => {
  log.error({ err: error }, 'router: ends')
  stop(1)
})

starting.catch((error: unknown) => {
  log.error({}, `router: cannot start: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
})
