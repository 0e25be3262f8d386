import { actContext } from '../../core/site/change-site.ts'
import { actEndpoint } from '../_runtime/act-endpoint.ts'
import { type Answer, type HttpRoute, type OwnerPorts, ownerEndpoint } from '../_runtime/endpoint.ts'
import type { Session } from '../signup/signup.ts'
import { type Account, chooseMarketing, chooseSupportEntry } from './account.ts'
import { changeAccount, requireAccount } from './change-account.ts'
import { type CloseAccountPorts, closeOwnAccount, reopenOwnAccount, requireOpenAccount } from './close-account.ts'
import { accountOperations as operations } from './operations.ts'
import { type AccountExportPorts, accountExport, accountView } from './views.ts'

export type AccountRoutePorts = CloseAccountPorts & AccountExportPorts & OwnerPorts

/** The owner's own account. */
export const accountRoutes = (ports: AccountRoutePorts): readonly HttpRoute[] => {
  const answer = (account: Account, { email }: Session, status: 200 | 202 = 200): Answer => ({
    status,
    body: accountView(account, email),
  })
  const actOf = ({ session, requestId }: { session: Session; requestId: string }) => ({
    accountId: session.accountId,
    email: session.email,
    actor: { kind: 'owner', personId: session.personId } as const,
    causationId: requestId,
  })
  return [
    ownerEndpoint(operations.getAccount, ports, async (_input, { session }) =>
      answer(await requireAccount(ports, session.accountId), session),
    ),
    actEndpoint(operations.changeAccount, ports, async ({ body }, context) => {
      const act = actOf(context)
      const account = await changeAccount(ports, act.accountId, (found) =>
        chooseSupportEntry(found, body.supportEntry, actContext(ports, { siteId: '', ...act })),
      )
      return answer(account, context.session)
    }),
    // A closed account can withdraw its consent too.
    ownerEndpoint(operations.chooseMarketing, ports, async ({ body: { text } }, context) => {
      const act = actOf(context)
      if (text !== null) await requireOpenAccount(ports, act.accountId)
      const account = await changeAccount(ports, act.accountId, (found) =>
        chooseMarketing(found, text ?? undefined, actContext(ports, { siteId: '', ...act })),
      )
      return answer(account, context.session)
    }),
    ownerEndpoint(operations.closeAccount, ports, async ({ body }, context) =>
      answer(await closeOwnAccount(ports, actOf(context), body.confirm), context.session, 202),
    ),
    ownerEndpoint(operations.reopenAccount, ports, async (_input, context) =>
      answer(await reopenOwnAccount(ports, actOf(context)), context.session),
    ),
    ownerEndpoint(operations.exportAccount, ports, async (_input, { session }) => ({
      status: 200,
      headers: { 'content-disposition': 'attachment; filename="my-data.json"' },
      body: await accountExport(ports, session),
    })),
  ]
}
