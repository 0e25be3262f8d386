import { ECSClient, ECSServiceException } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { createSiteServices } from '../../../adapters/ecs/site-services.ts'
import { cellSample } from '../../support/cell-sample.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { playAws } from '../play-aws.ts'

const creating = (name: string, message: string) => {
  const ecs = playAws(new ECSClient({ region: 'eu-central-1' }), () => {
    throw new ECSServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode: 400 } })
  })
  const services = createSiteServices({ ecs, cell: cellSample, installation: 'test', log: recordingLog() })
  const wanted = { plan: 'trial', taskDefinition: 'definition:2', capacity: 'FARGATE', settings: {} }
  return services.create(newSiteId(), wanted as never)
}

test('a service that another try makes is left to it, also where that try has retired this revision', async () => {
  expect(await creating('InvalidParameterException', 'Creation of service was not idempotent.')).toBe(false)
  expect(await creating('ClientException', 'TaskDefinition is inactive')).toBe(false)
  await expect(creating('ClientException', 'Too many tags.')).rejects.toThrow('Too many tags')
})
