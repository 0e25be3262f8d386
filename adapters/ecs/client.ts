import { ECSClient } from '@aws-sdk/client-ecs'
import type { ServiceAddress } from '../cells/client-settings.ts'
import { patientSettings } from '../cells/client-settings.ts'

export const ecsClient = (address: ServiceAddress = {}): ECSClient => new ECSClient(patientSettings(address))
