import { IAMClient } from '@aws-sdk/client-iam'
import type { ServiceAddress } from '../cells/client-settings.ts'
import { patientSettings } from '../cells/client-settings.ts'

export const iamClient = (address: ServiceAddress = {}): IAMClient => new IAMClient(patientSettings(address))
