/** What the person at the terminal can put right; its message is one line. */
export class PublishError extends Error {}
