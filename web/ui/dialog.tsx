import type { ReactNode } from 'react'
import { Dialog as AriaDialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'

interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  /** A request is running. The dialog stays open, so that its failure is seen. */
  readonly isBusy?: boolean
  readonly onClose: () => void
  /** A drawer comes from the side; a palette stands at the top and shows no title. */
  readonly variant?: 'drawer' | 'palette'
  readonly children: ReactNode
}

/** A question above the page. It keeps the focus, and Escape closes it. A click beside it does not, since it may have a form. */
export const Dialog = ({ title, isOpen, isBusy, onClose, variant, children }: DialogProps) => (
  <ModalOverlay
    className="overlay"
    data-variant={variant}
    isOpen={isOpen}
    onOpenChange={(open) => open || isBusy || onClose()}
    isDismissable={variant !== undefined}
  >
    <Modal className="card dialog" data-variant={variant}>
      <AriaDialog>
        <Heading slot="title">{title}</Heading>
        {children}
      </AriaDialog>
    </Modal>
  </ModalOverlay>
)
