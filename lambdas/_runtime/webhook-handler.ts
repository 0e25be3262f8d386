import { rawEndpoint } from './endpoint.ts'
import { type HttpPorts, httpHandler } from './http-handler.ts'
import type { Operation, OperationInput } from './operation.ts'

/** Makes the handler of another service's events. `receive` gets the bytes that the service signed. */
export const webhookHandler =
  <Known extends Operation & { audience: 'public'; rawBody: object }, Available>(
    operation: Known,
    receive: (
      ports: Available,
      request: { readonly bytes: Uint8Array; readonly headers: OperationInput<Known>['headers'] },
      requestId: string,
    ) => Promise<void>,
  ) =>
  (ports: Available & HttpPorts) =>
    httpHandler(
      [
        rawEndpoint(operation, async (request, { requestId }) => {
          await receive(ports, request, requestId)
          return { status: 200, body: { received: true } }
        }),
      ],
      ports,
    )
