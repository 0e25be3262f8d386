import { useMutation } from '@tanstack/react-query'
import type { ComponentProps } from 'react'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'
import { usePageOf } from './use-page.ts'

/** Says what went wrong, if anything did. */
export const Failure = ({ error }: { readonly error: unknown }) => {
  const { sayProblem } = usePageOf()
  return error === null || error === undefined ? null : <Notice tone="danger">{sayProblem(error)}</Notice>
}

interface ActButtonProps<Answer> extends Omit<ComponentProps<typeof Button>, 'onClick' | 'type' | 'isDisabled'> {
  readonly act: () => Promise<Answer>
  readonly onDone?: (answer: Answer) => unknown
}

/** A button that has the API do something. It says beside it what went wrong. */
export const ActButton = <Answer,>({ act, onDone, isBusy, tone = 'quiet', ...button }: ActButtonProps<Answer>) => {
  const acting = useMutation({ mutationFn: act, onSuccess: async (answer) => onDone?.(answer) })
  return (
    <>
      <Button {...button} tone={tone} isBusy={isBusy || acting.isPending} onClick={() => acting.mutate()} />
      <Failure error={acting.error} />
    </>
  )
}
