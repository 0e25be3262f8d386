import { EFSClient } from '@aws-sdk/client-efs'
import type { ServiceAddress } from '../cells/client-settings.ts'
import { patientSettings } from '../cells/client-settings.ts'

export const efsClient = (address: ServiceAddress = {}): EFSClient => new EFSClient(patientSettings(address))
