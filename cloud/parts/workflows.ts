import { SFNClient } from '@aws-sdk/client-sfn'
import { createStepFunctions } from '../../adapters/stepfunctions/workflows.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import { clientSettings } from './client-settings.ts'

export const openWorkflows = ({ STATE_MACHINE_PREFIX }: { readonly STATE_MACHINE_PREFIX: string }): Workflows =>
  createStepFunctions({ client: new SFNClient(clientSettings), machineArnPrefix: STATE_MACHINE_PREFIX })
