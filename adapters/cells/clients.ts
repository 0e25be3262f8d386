import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { ECSClient } from '@aws-sdk/client-ecs'
import { EFSClient } from '@aws-sdk/client-efs'
import { IAMClient } from '@aws-sdk/client-iam'
import { SSMClient } from '@aws-sdk/client-ssm'
import { patientSettings, type ServiceAddress } from './client-settings.ts'

export const ecsClient = (address: ServiceAddress = {}): ECSClient => new ECSClient(patientSettings(address))

export const efsClient = (address: ServiceAddress = {}): EFSClient => new EFSClient(patientSettings(address))

export const iamClient = (address: ServiceAddress = {}): IAMClient => new IAMClient(patientSettings(address))

export const logsClient = (address: ServiceAddress = {}): CloudWatchLogsClient =>
  new CloudWatchLogsClient(patientSettings(address))

export const ssmClient = (address: ServiceAddress = {}): SSMClient => new SSMClient(patientSettings(address))
