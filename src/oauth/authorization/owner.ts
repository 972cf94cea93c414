/** There is one person: the owner of this Drawbridge. */
export const ownerId = 'owner'
