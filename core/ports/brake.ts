/** Whether what the clock takes away is stopped. */
export interface Brake {
  readonly isOn: () => Promise<boolean>
}
