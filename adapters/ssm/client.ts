import { SSMClient } from '@aws-sdk/client-ssm'
import type { ServiceAddress } from '../cells/client-settings.ts'
import { patientSettings } from '../cells/client-settings.ts'

export const ssmClient = (address: ServiceAddress = {}): SSMClient => new SSMClient(patientSettings(address))
