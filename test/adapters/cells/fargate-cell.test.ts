import { expect, test } from 'vitest'
import { createFargateCell, type FargateCellOptions } from '../../../adapters/cells/every-cell.ts'
import { SitewrightError } from '../../../core/errors.ts'
import { forFargate } from '../../aws/support/fargate-launch.ts'
import { cellSample } from '../../support/cell-sample.ts'
import { probeLaunch } from '../../support/probe-launch.ts'

test('nothing of a site is made on a file system that is not that of its cell', async () => {
  const asked: string[] = []
  const client = {
    send: async (command: object) => {
      asked.push(command.constructor.name)
      return { services: [] }
    },
  }
  const { runtime, storage } = createFargateCell({
    clients: { ecs: client, efs: client, iam: client, logs: client, ssm: client },
    cell: cellSample,
    ports: { claim: async () => 10_000 },
    fileSystem: {
      recordOrRequireSame: () => Promise.reject(new SitewrightError('RuntimeUnavailable', 'another file system')),
    },
    installation: 'sitewright-test',
    rolePath: '/sitewright-test/sites/',
    parameterPath: '/sitewright/test/sites',
  } as unknown as FargateCellOptions)
  const launch = forFargate(probeLaunch())
  for (const make of [
    () => runtime.start(launch),
    () => runtime.startBeside?.(launch),
    () => runtime.startInBulk?.(launch),
    () => runtime.prepare?.(launch),
    () => storage.prepare(launch),
  ]) {
    await expect(make()).rejects.toThrow('another file system')
  }
  // Those that are down are described before they are started.
  expect(new Set(asked)).toEqual(new Set(['DescribeServicesCommand']))
})
