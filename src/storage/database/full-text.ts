/** A word or phrase as FTS5 takes it: whatever stands in it means nothing there. */
export const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
