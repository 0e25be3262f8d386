import { createLeadLists, createLeadStore } from '../../lambdas/leads/store.ts'
import { type CloudContext, tables, writing } from '../context.ts'

export const openLeads = (context: CloudContext) => ({ leads: createLeadStore(writing(context)) })
export const openLeadLists = (context: CloudContext) => ({ leadLists: createLeadLists(tables(context)) })
