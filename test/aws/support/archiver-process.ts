import { resolve } from 'node:path'
import { clientSettings } from '../client-settings.ts'
import type { RunTask } from './played-task.ts'
import { asProcesses } from './played-task.ts'

/** The emulator itself, whatever the environment says later: what is played before it passes text on, and no archives. */
const { endpoint, region } = clientSettings()
const program = resolve(import.meta.dirname, '../../../cloud/archiver.ts')

/** The archiver's own program, with what a task on Fargate is given by its role. */
export const archiverProcess: RunTask = (containers, place) =>
  asProcesses(() => [process.execPath, program])(containers, {
    ...place,
    environmentOf: async (container) => ({
      ...(await place.environmentOf(container)),
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    }),
  })
