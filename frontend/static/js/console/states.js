// How an article stands to what is published, as badges say it.

export const STATES = { draft: ["Draft", ""], published: ["Published", "badge--good"], changed: ["Changed since", "badge--evidence"] };
