import { resolve } from 'node:path'
import { jobName } from '../../../adapters/iam/roles.ts'
import { archiveJobSchema } from '../../../core/ports/archives.ts'
import { clientSettings } from '../client-settings.ts'
import { playJobRole } from './play-job-role.ts'
import { asProcesses, type RunTask } from './played-task.ts'

const { region } = clientSettings()
const program = resolve(import.meta.dirname, '../../../cloud/archiver.ts')

/** As its image does: without it Node may not exit (nodejs/node#54918), and the job would never be over. */
const flags = ['--no-incremental-marking', '--no-maglev']

/** The archiver's own program, which finds S3 as the role of its job does. */
export const archiverProcess: RunTask = async (containers, place) => {
  const { JOB = '', ARCHIVE_BUCKET = '' } = await place.environmentOf(containers[0]!)
  const judged = await playJobRole(jobName(archiveJobSchema.parse(JSON.parse(JOB))), ARCHIVE_BUCKET)
  const running = await asProcesses(() => [process.execPath, ...flags, program])(containers, {
    ...place,
    environmentOf: async (container) => ({
      ...(await place.environmentOf(container)),
      AWS_ENDPOINT_URL: judged.endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    }),
  })
  return {
    firstEnd: running.firstEnd,
    stop: async () => {
      await running.stop()
      await judged.close()
    },
  }
}
