/** Generated from openapi.json: run `node tools/generate-docs.ts`. */
export interface paths {
    "/v1/site-summaries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Read what a link of a site shows, by its token. The token is in the body, so that no log contains it. */
        post: operations["openSummary"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mail a code and a link. The answer does not reveal whether the address is known. */
        post: operations["startSignup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signups/form": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mail a code for the form of the sign-up page, for browsers without JavaScript. */
        post: operations["submitSignupForm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signups/{id}/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Exchange the code for a session. A new address gets an account. */
        post: operations["verifySignup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/reopening": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel the deletion of an account by the link in its mail. */
        post: operations["reopenByLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/visits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Count a visit of a page. Nothing about the visitor is stored. */
        post: operations["countVisit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hostnames/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check whether a name is free and allowed. */
        get: operations["checkHostname"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List plans and prices. */
        get: operations["listPlans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check whether sign-ups work. */
        get: operations["checkHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/security.txt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the address for reports of vulnerabilities (RFC 9116). */
        get: operations["findSecurityContact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get this description. */
        get: operations["describeApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the signed-in person, the time and the contact address. */
        get: operations["getSession"];
        put?: never;
        post?: never;
        /** Sign out. The token becomes invalid. */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/person": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get who is signed in by the console's cookie, if anybody is. A page asks it before anybody signs in. */
        get: operations["findSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List your sessions, last used first. */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /** End all your sessions but this one. */
        delete: operations["endOtherSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of your sessions. */
        delete: operations["revokeSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the account. */
        get: operations["getAccount"];
        put?: never;
        post?: never;
        /** Delete the account and its sites. You can cancel that for some days, if there are sites. */
        delete: operations["closeAccount"];
        options?: never;
        head?: never;
        /** Allow or refuse that support staff enter your sites. */
        patch: operations["changeAccount"];
        trace?: never;
    };
    "/v1/account/marketing-consent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Agree to marketing, or withdraw that. */
        put: operations["chooseMarketing"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/deletion": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Cancel the deletion of the account and of the sites that it began. They stay suspended until you resume them. */
        delete: operations["reopenAccount"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download everything that is stored about you and your account. */
        get: operations["exportAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the sites of the account, newest first. */
        get: operations["listSites"];
        put?: never;
        /** Create the trial site of the account. */
        post: operations["createSite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a site of the account. */
        get: operations["getSite"];
        put?: never;
        post?: never;
        /** Delete a site. It is suspended now and purged some days later unless you cancel the deletion. */
        delete: operations["deleteSite"];
        options?: never;
        head?: never;
        /** Choose after how many minutes without visitors a site on a paid plan sleeps. The next visitor wakes it. */
        patch: operations["changeSite"];
        trace?: never;
    };
    "/v1/sites/{id}/deletion": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Cancel a deletion. A site with a paid subscription is resumed; another one stays suspended or archived. */
        delete: operations["revokeDeletion"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Extend the trial from now or its end, whichever is later. It does not resume the site. */
        post: operations["extendTrial"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume a site. If its trial has ended, this uses the extension. */
        post: operations["resumeSite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/entrance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Get a URL that opens the site as its owner. It works once, within a minute. */
        post: operations["openEntrance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/hand-over": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try a failed hand-over again: the product of the site is told who its owner is. */
        post: operations["handOverSite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/archives": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the verified copies of the data, newest first. */
        get: operations["listArchives"];
        put?: never;
        /** Take a verified copy of the data. The site pauses and holds requests during the copy. */
        post: operations["copySite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/contact-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask our sales team to get in touch. They get a mail at once. */
        post: operations["requestContact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get what visitors did on a site, by hour or day. Hours are up to five minutes behind, days up to an hour. */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what happened to a site and concerns its owner, newest first.
         * @description A page has what concerns the owner of `limit` events: it may have fewer entries, or none.
         */
        get: operations["getHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/archives/{archiveId}/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Create a download link to a copy. It is valid for a few minutes. */
        get: operations["linkToArchive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/summary-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the links to the read-only page about a site, newest first, without those that have expired. */
        get: operations["listSummaryLinks"];
        put?: never;
        /** Make a link to a read-only page about a site: use, plan, price, place of its data. The URL is shown once. */
        post: operations["shareSummary"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/summary-links/{linkId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a link to the read-only page about a site. */
        delete: operations["revokeSummaryLink"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/billing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the subscription of a site. */
        get: operations["getBilling"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/billing/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ask Stripe what a change of plan charges now. Nothing changes. */
        get: operations["previewPlan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/checkout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start a checkout for a plan. A repeated request returns the same checkout; another choice replaces it. */
        post: operations["beginCheckout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change the plan of a running subscription. The difference is charged or credited at once. Another choice replaces a change that waits for the bank; the present plan drops it. */
        post: operations["changeOwnPlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/portal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Create a link to cards, invoices and cancellation. It is valid for a few minutes. */
        post: operations["openPortal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the custom domains of a site. */
        get: operations["listDomains"];
        put?: never;
        /** Add a custom domain to a site. The answer lists the DNS records to set. */
        post: operations["addDomain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/domains/{hostname}/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check the DNS records of a domain now. */
        post: operations["verifyDomain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/domains/{hostname}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a custom domain from a site. */
        delete: operations["releaseDomain"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List sites, newest first; with dueBefore, by deadline, earliest first.
         * @description For operators of the roles: support, sales, admin. One index answers each list: `status` (or all sites) by creation, `dueBefore` or `sort=deadline` by deadline, both in both orders, `owner` newest first, `slug` by name, `id` and `hostname` exactly. `status` also filters lists by deadline, and `status`, `plan`, and `dueBefore` filter what `id`, `hostname` and `owner` find. Other combinations are refused, because they would read all sites.
         */
        get: operations["operatorListSites"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a site of any owner.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorGetSite"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the history of a site, newest first.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorListEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/failures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the last failed starts of a site, newest first: cause, exit codes, health answer, output.
         * @description For operators of the roles: support, admin.
         */
        get: operations["operatorListFailures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Extend a trial from now or its end, whichever is later. It does not resume the site.
         * @description For operators of the roles: support, sales, admin.
         */
        post: operations["operatorExtend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Suspend a site and keep its data. Its owner cannot resume it.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorSuspend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume a site, from its archive if necessary. Extend an ended trial first.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorResume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore an archived site. Extend an ended trial first.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorRestore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/hand-over": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a failed hand-over again: the product of the site is told who its owner is.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorHandOver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put a hold on a site: deadlines neither archive nor purge it.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorHold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/unhold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a hold. The deadlines apply again.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorUnhold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/purge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Purge a suspended or archived site. A second operator must confirm within 24 hours.
         * @description For operators of the roles: admin.
         */
        post: operations["operatorPurge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the plan of a site by agreement.
         * @description For operators of the roles: sales, admin.
         */
        post: operations["operatorChangePlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/brake": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the brake, the number of due endings and their rate limit.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorGetBrake"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/brake/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release the brake. All endings that are due now count as expected.
         * @description For operators of the roles: admin.
         */
        post: operations["operatorReleaseBrake"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/brake/pull": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pull the brake: stop all endings by deadline. Notices and owners' deletions continue.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorPullBrake"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/trials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the number of trials, their limit and the length of the waiting list.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorGetTrials"];
        /**
         * Pause or resume new trials. While paused, new requests go to the waiting list.
         * @description For operators of the roles: support, admin.
         */
        put: operations["operatorSetTrials"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/billing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Latest billing reconciliation report.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorGetBilling"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/billing/reconcile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start a billing reconciliation. It repairs differences; concurrent requests share one run.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorReconcileBilling"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/policies/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move one page of sites to another version of the trial policy, or preview the changes.
         * @description For operators of the roles: admin.
         */
        post: operations["operatorMovePolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/blueprints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the offered blueprints: current and newest version, draft, why one is unavailable, pool.
         * @description For operators of the roles: support, admin.
         */
        get: operations["operatorListBlueprints"];
        put?: never;
        /**
         * Make a blueprint the draft of its next version. A site is built from it within a minute or two.
         * @description For operators of the roles: admin.
         */
        post: operations["operatorPublishBlueprint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the audit log, newest first.
         * @description For operators of the roles: admin.
         */
        get: operations["operatorListAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export the audit log as JSON lines, oldest first.
         * @description For operators of the roles: admin.
         */
        get: operations["operatorExportAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sign-in/methods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get how operators of this installation sign in. */
        get: operations["operatorGetSignInMethod"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Go to the identity provider's page (method `hosted`). For browsers. */
        get: operations["operatorBeginSignIn"];
        put?: never;
        /** Mail a code to an operator (method `code-and-totp`). The answer does not reveal whether the address is one of an operator. */
        post: operations["operatorRequestCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sign-in/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where the identity provider sends the browser back to. It opens the session. */
        get: operations["operatorFinishSignIn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sign-in/{id}/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Exchange the mailed code and a one-time password of the authenticator for a session, in a cookie. */
        post: operations["operatorVerifyCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get who is signed in, the permitted operations, and the end of the session.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorGetSession"];
        put?: never;
        post?: never;
        /**
         * Sign out. Go to `signOutUrl` to end the identity provider's session too.
         * @description For operators of the roles: support, sales, admin.
         */
        delete: operations["operatorEndSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your sessions, last used first.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorListSessions"];
        put?: never;
        post?: never;
        /**
         * End all your sessions but this one.
         * @description For operators of the roles: support, sales, admin.
         */
        delete: operations["operatorEndOtherSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End one of your sessions.
         * @description For operators of the roles: support, sales, admin.
         */
        delete: operations["operatorRevokeSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the numbers of the installation: sites, days, revenue, pools, deadlines, brake, failures.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorGetOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List events, mails, operations, their steps and failures of a site in one form, newest first.
         * @description For operators of the roles: support, sales, admin. A page has the entries of `limit` events. Mails are known for 30 days. `sales` sees no failures.
         */
        get: operations["operatorGetTimeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/consequences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what an act would do to a site, or why it is refused. It changes nothing.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorGetConsequences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retry what failed: build another site for a failed site's owner, wake or resize a site.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorRetry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/entrance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enter a site as support. Its owner gets a mail and can refuse such entries.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorEnterSite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List all plans, including those by agreement.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorListPlans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/cells": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the cells: their sites, room and quotas, as counted within the last minutes.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorListCells"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the configuration, without secrets.
         * @description For operators of the roles: support, admin.
         */
        get: operations["operatorGetSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/billing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the billing of a site by our record and, on demand, by Stripe, with the differences.
         * @description For operators of the roles: support, sales, admin.
         */
        get: operations["operatorGetSiteBilling"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the output of a running site: the last lines, or those after a cursor.
         * @description For operators of the roles: support, admin.
         */
        get: operations["operatorReadLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the output of a running site, if its blueprint shows it to owners. */
        get: operations["readLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/rollouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the last roll-out of each blueprint.
         * @description For operators of the roles: support, admin.
         */
        get: operations["operatorListRollouts"];
        put?: never;
        /**
         * Start a roll-out: move the existing sites of a blueprint to a version, in waves.
         * @description For operators of the roles: admin.
         */
        post: operations["operatorStartRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/rollouts/{blueprint}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause a roll-out. Upgrades that are in progress finish.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorPauseRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/rollouts/{blueprint}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume a roll-out that is paused or has halted. Its failures so far are accepted.
         * @description For operators of the roles: admin.
         */
        post: operations["operatorResumeRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/rollouts/{blueprint}/abort": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Abort a roll-out. Sites that have the version keep it.
         * @description For operators of the roles: support, admin.
         */
        post: operations["operatorAbortRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/rollouts/{blueprint}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retry the failed sites of a roll-out.
         * @description For operators of the roles: admin.
         */
        post: operations["operatorRetryRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/sites/{id}/restore-release-copy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore the data from before an upgrade, with the version of then. The newer data becomes the release copy.
         * @description For operators of the roles: admin.
         */
        post: operations["operatorRestoreReleaseCopy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/leads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List leads by score, by the next step of an assignee, or by deadline.
         * @description For operators of the roles: sales, admin.
         */
        get: operations["operatorListLeads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/leads/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export leads as CSV, in the same lists. Formulae are escaped.
         * @description For operators of the roles: sales, admin.
         */
        get: operations["operatorExportLeads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/leads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a lead with the reasons for its score and its facts.
         * @description For operators of the roles: sales, admin.
         */
        get: operations["operatorGetLead"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Assign a lead, plan the next step, record the outcome or add a note.
         * @description For operators of the roles: sales, admin. `revision` is that of the lead that you saw: two people cannot overwrite each other.
         */
        patch: operations["operatorChangeLead"];
        trace?: never;
    };
    "/v1/operator/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the reports.
         * @description For operators of the roles: sales, admin.
         */
        get: operations["operatorListReports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/reports/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a report, as JSON or CSV.
         * @description For operators of the roles: sales, admin. It is computed at most once in five minutes. `docs/reports.md` says what its columns are.
         */
        get: operations["operatorGetReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{id}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show the generated credentials of a site. They are shown once. */
        post: operations["revealCredentials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the endpoints of webhooks.
         * @description For operators of the roles: sales, admin.
         */
        get: operations["operatorListWebhooks"];
        put?: never;
        /**
         * Create an endpoint of webhooks. Its secret is shown once.
         * @description For operators of the roles: admin.
         */
        post: operations["operatorCreateWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an endpoint of webhooks.
         * @description For operators of the roles: sales, admin.
         */
        get: operations["operatorGetWebhook"];
        put?: never;
        post?: never;
        /**
         * Delete an endpoint of webhooks, with all that it has not accepted yet.
         * @description For operators of the roles: admin.
         */
        delete: operations["operatorDeleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Change, disable or enable an endpoint of webhooks. A disabled one misses what happens meanwhile; withdrawals and erasures wait for it.
         * @description For operators of the roles: admin.
         */
        patch: operations["operatorChangeWebhook"];
        trace?: never;
    };
    "/v1/operator/webhooks/{id}/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a new secret, which is shown once. Meanwhile both sign.
         * @description For operators of the roles: admin.
         */
        post: operations["operatorRotateWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/webhooks/{id}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the attempts of the last 30 days to send webhooks to an endpoint, newest first.
         * @description For operators of the roles: sales, admin.
         */
        get: operations["operatorListWebhookAttempts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/webhooks/{id}/attempts/{attemptId}/redelivery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send the webhook of an attempt again, with the same `webhook-id`, within a minute or two.
         * @description For operators of the roles: sales, admin.
         */
        post: operations["operatorRedeliverWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/stripe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Receive Stripe events. Duplicate and unknown events are acknowledged too. */
        post: operations["receiveStripeEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "account.created": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Somebody signed up and has an account. */
        post: operations["account.created"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "account.closed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An owner asked to delete the account. It is erased later. */
        post: operations["account.closed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "account.reopened": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An owner cancelled the deletion of the account. */
        post: operations["account.reopened"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "person.erased": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The person of an account is erased. Erase what you keep of them; the account has no address any more. */
        post: operations["person.erased"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "consent.given": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An owner agreed to marketing after the sign-up. */
        post: operations["consent.given"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "consent.withdrawn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An owner withdrew the consent to marketing. Send them no more mailings. */
        post: operations["consent.withdrawn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "lead.stage-changed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A lead reached another stage. */
        post: operations["lead.stage-changed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "contact.requested": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An owner asked for sales. */
        post: operations["contact.requested"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "site.created": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An account got a site, and its trial begins. */
        post: operations["site.created"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "site.failed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new site could not be built. */
        post: operations["site.failed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "site.suspended": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A site was suspended. Its data is kept. */
        post: operations["site.suspended"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "site.resumed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A suspended site runs again. */
        post: operations["site.resumed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "site.archived": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A site was moved to an archive. */
        post: operations["site.archived"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "site.restored": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A site was restored from its archive. */
        post: operations["site.restored"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "site.purged": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A site and its data were deleted. */
        post: operations["site.purged"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "site.plan-changed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A site has another plan. */
        post: operations["site.plan-changed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "trial.ending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A trial ends soon: its owner was reminded. */
        post: operations["trial.ending"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "trial.extended": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A trial was extended. */
        post: operations["trial.extended"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "subscription.started": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An owner pays for a site. */
        post: operations["subscription.started"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "subscription.past-due": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A payment failed. */
        post: operations["subscription.past-due"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "subscription.recovered": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A failed payment was made. */
        post: operations["subscription.recovered"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "subscription.cancelled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A subscription ends with its present period. */
        post: operations["subscription.cancelled"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "subscription.ended": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A subscription has ended or is paused. */
        post: operations["subscription.ended"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        Proof: {
            challenge: components["schemas"]["Challenge"];
            solution: {
                counter: number;
                derivedKey: string;
            };
        };
        /** @description Find the `counter` for which PBKDF2-SHA-256 of `nonce` followed by the counter (32 bits, big-endian), with `salt`, `cost` and `keyLength`, begins with `keyPrefix`. Counters start at 0. */
        Challenge: {
            parameters: {
                /** @constant */
                algorithm: "PBKDF2/SHA-256";
                cost: number;
                data: {
                    /** Format: date-time */
                    expiresAt: string;
                    difficulty?: number;
                };
                keyLength: number;
                keyPrefix: string;
                keySignature: string;
                nonce: string;
                salt: string;
            };
            signature: string;
        };
        SiteSummary: {
            name: string;
            /** Format: uri */
            url: string;
            /** @enum {string} */
            status: "active" | "asleep" | "suspended" | "archived";
            /**
             * Format: date-time
             * @description Since when the site has its owner.
             */
            since: string;
            plan: {
                name: string;
                /** @enum {string} */
                kind: "trial" | "paid" | "enterprise";
                prices: {
                    amount: number;
                    currency: string;
                    /** @enum {string} */
                    interval: "month" | "year";
                }[];
                features: string[];
            };
            trialEndsAt: string | null;
            /** @description Where its data is; null if the operator does not say. */
            dataLocation: string | null;
            /** @description Null while there is enough room. */
            storage: ("near" | "full") | null;
            /** @description The last verified copy of its data, which its owner can download; null if there is none. */
            lastCopyAt: string | null;
            usage: {
                /** Format: date-time */
                from: string;
                /** Format: date-time */
                until: string;
                lastUsedAt: string | null;
                requests: number;
                /** @description Answers with a status from 500. */
                errors: number;
                days: {
                    /** Format: date-time */
                    start: string;
                    requests: number;
                    visitors: number | null;
                }[];
            };
            contact: string;
            /**
             * Format: date-time
             * @description When the link expires.
             */
            expiresAt: string;
        };
        Problem: {
            type: string;
            title: string;
            status: number;
            detail?: string;
            errors?: {
                path: string;
                message: string;
                /** @description Names some problems, for words in another language. */
                code?: string;
                /** @description The values of those words. */
                values?: {
                    [key: string]: string;
                };
            }[];
            requestId?: string;
            retryAfterSeconds?: number;
            challenge?: components["schemas"]["ChallengeOutput"];
            plans?: {
                id: string;
                name: string;
                readonly prices: {
                    amount: number;
                    currency: string;
                    /** @enum {string} */
                    interval: "month" | "year";
                }[];
            }[];
        };
        Signup: {
            /** @example sgn_01jq3v5k8m0000000000000000 */
            id: string;
            email: string;
            /** Format: date-time */
            expiresAt: string;
        };
        Account: {
            /** @example acct_01jq3v5k8m0000000000000000 */
            id: string;
            email: string;
        };
        Plan: {
            id: string;
            name: string;
            /** @enum {string} */
            kind: "trial" | "paid" | "enterprise";
            prices: {
                amount: number;
                currency: string;
                /** @enum {string} */
                interval: "month" | "year";
            }[];
            size: {
                cpu: number;
                memoryMiB: number;
                processes: number;
            };
            limits: {
                requestsPerMinute: number;
                bandwidthMiBPerMinute: number;
                connections: number;
                uploadMiB: number;
                storageMiB: number;
            };
            features: string[];
            /** @description Limits that the product enforces, by name. */
            productLimits?: {
                [key: string]: number;
            };
        };
        SessionEntry: {
            /** @example ses_01jq3v5k8m0000000000000000 */
            id: string;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description The last use. It may be some minutes late.
             */
            usedAt: string;
            /**
             * Format: date-time
             * @description When it ends if it is not used again.
             */
            idleEndsAt: string;
            /**
             * Format: date-time
             * @description When it ends at the latest.
             */
            expiresAt: string;
            /** @description Such as `Firefox on Linux`. */
            browser: string | null;
            /** @description The first part of the network address, such as an IPv4 /24. */
            network: string | null;
            /** @description Whether it is the session of this request. */
            current: boolean;
        };
        Site: {
            /** @example site_01jq3v5k8m0000000000000000 */
            id: string;
            slug: string;
            hostname: string;
            name: string;
            /** Format: uri */
            url: string;
            /** @enum {string} */
            status: "building" | "active" | "asleep" | "failed" | "suspended" | "archived" | "purged";
            plan: string;
            planName: string;
            features: string[];
            /** @description Null until the site is open, and when it is no trial. */
            trialEndsAt: string | null;
            /**
             * Format: date-time
             * @description When its owner signed up for it.
             */
            createdAt: string;
            blueprint: {
                name: string;
                version: number;
            };
            /** @description Null if it never sleeps. */
            sleepAfterMinutes: number | null;
            progress: {
                percent: number;
                steps: {
                    /** @enum {string} */
                    name: "storage" | "start" | "ready" | "open";
                    /** @enum {string} */
                    status: "pending" | "running" | "done" | "failed";
                    at: string | null;
                }[];
                /** @description How long recent builds took, in seconds: half of them, and nine of ten, took no longer. Only for one site that is being built; null after too few builds. */
                estimate: {
                    usual: number;
                    ninetieth: number;
                } | null;
            };
            /** @description The next change by deadline. */
            nextStep: {
                /** @enum {string} */
                step: "remind" | "suspend" | "archive" | "warn" | "purge";
                /** Format: date-time */
                at: string;
            } | null;
            suspended: {
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                because: "trial-ended" | "payment-overdue" | "subscription-ended" | "storage-full" | "operator" | "owner-deletion";
            } | null;
            archived: {
                /** Format: date-time */
                at: string;
                purgeAt: string | null;
            } | null;
            /** @description The scheduled deletion; null if none is requested. */
            deletion: {
                /** Format: date-time */
                requestedAt: string;
                purgeAt: string | null;
                /** @description Whether the owner may cancel the deletion. */
                revocable: boolean;
            } | null;
            /** @description For how many days an owner may cancel a deletion; null if the site cannot be deleted. */
            deletionDays: number | null;
            /** @description How often and by how many days the owner may extend the trial; null if it is not a trial. */
            extension: {
                left: number;
                days: number;
            } | null;
            /** @description The operation in progress. */
            operation: ("suspend" | "archive" | "restore" | "purge" | "copy" | "resize" | "upgrade" | "sleep" | "dormancy" | "wake" | "handover") | null;
            storage: ("near" | "full") | null;
            /** @description Since when the site has not answered; null if it answers, or does not run. */
            downSince: string | null;
            /** @description Whether the site's product knows its owner; null if its blueprint has no step for that. */
            handOver: {
                /** @enum {string} */
                status: "pending" | "done" | "failed";
                at: string | null;
                reason: string | null;
                /** @description What the site answered last, if it failed. */
                answer: {
                    status: number;
                    excerpt: string;
                } | null;
            } | null;
            /** @description When the generated credentials were shown to the owner; null if there are none. */
            credentials: {
                shownAt: string | null;
            } | null;
            failure?: {
                reason: string;
                /** Format: date-time */
                at: string;
            };
        };
        Billing: {
            /**
             * @description `none` for trials and plans by agreement.
             * @enum {string}
             */
            state: "none" | "active" | "past-due" | "paused" | "ended";
            plan: string;
            interval: ("month" | "year") | null;
            /** @description The currency of the account; null before the first purchase. */
            currency: string | null;
            paidThrough: string | null;
            /** @description Whether the subscription ends with the current period. */
            cancelsAtPeriodEnd: boolean;
            pastDueSince: string | null;
            /** @description When the site is suspended unless the invoice is paid. */
            graceEndsAt: string | null;
            /** @description Until when the site runs with a past-due, paused or ended subscription; null otherwise. */
            runsUntil: string | null;
            /** @description A change of plan that waits for the owner's bank. Request it again for the link. */
            pendingChange: {
                plan: string;
                /** @enum {string} */
                interval: "month" | "year";
                /**
                 * Format: date-time
                 * @description When the change is dropped unless the payment is confirmed.
                 */
                confirmBy: string;
            } | null;
            /** @description Whether a payment is disputed. A dispute does not change the site. */
            disputed: boolean;
            /** @description The account's customer id at Stripe, `cus_…`; null before the first checkout, when there is no portal. */
            customerId: string | null;
        };
        Archive: {
            /** @example arc_01jq3v5k8m0000000000000000 */
            id: string;
            /** Format: date-time */
            at: string;
            /**
             * @description Whether archiving made the copy, its owner requested it, or an update made it first.
             * @enum {string}
             */
            kind: "reclaim" | "owner" | "release";
            /** @description The compressed size. */
            bytes: number;
            files: number;
            blueprint: {
                name: string;
                version: number;
            };
            /** @description How long the site paused for the copy; null if it was not running. */
            pausedMilliseconds: number | null;
        };
        UsagePeriod: {
            /** Format: date-time */
            start: string;
            requests: number;
            errors: {
                /** @description Answers with 4xx. */
                client: number;
                /** @description Answers with 5xx. */
                server: number;
            };
            /** @description The size of bodies and of WebSocket traffic in both directions. */
            bytes: number;
            /** @description How many answers of the site began within that time; null is the rest. A time for which a request was held does not count. */
            latency: {
                atMostMilliseconds: number | null;
                answers: number;
            }[];
            /** @description Distinct visitors of a day, to about 7 %; null for an hour. */
            visitors: number | null;
        };
        History: {
            entries: {
                /** @example evt_01jq3v5k8m0000000000000000 */
                id: string;
                /** Format: date-time */
                at: string;
                /**
                 * @description What happened.
                 * @enum {string}
                 */
                type: "SiteRequested" | "SiteOpened" | "SiteFailed" | "SiteClaimed" | "PreparedSiteClaimed" | "SiteUpgraded" | "SiteFellAsleep" | "SiteWoke" | "SiteSleepChosen" | "SiteUrlChanged" | "SiteSuspended" | "SiteResumed" | "SiteArchived" | "SiteRestored" | "SitePurged" | "SiteReminded" | "SiteWarned" | "TrialExtended" | "SiteBillingChanged" | "SitePaymentReturned" | "SitePlanChanged" | "SiteOperationEnded" | "SiteDeletionRequested" | "SiteDeletionRevoked" | "SiteCopied" | "SiteDown" | "SiteStorageNoted" | "SiteCredentialsShown" | "SiteSupportEntered";
                /**
                 * @description Who did it: the owner, an operator, or Sitewright by itself.
                 * @enum {string}
                 */
                by: "owner" | "staff" | "system";
                /** @description Says more about the type: why the site was suspended, the state of the subscription, the level of storage, the operation that failed. */
                about: string | null;
                /** @description The new plan, after a change of plan. */
                plan: string | null;
                /** @description The end of the trial, or of an entry of support. */
                until: string | null;
                /** @description Why support entered. */
                reason: string | null;
            }[];
            cursor?: string;
        };
        SummaryLink: {
            /** @example lnk_01jq3v5k8m0000000000000000 */
            id: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
        };
        PlanConfirmation: {
            billing: components["schemas"]["Billing"];
            /**
             * Format: uri
             * @description The page at Stripe where the owner confirms or pays in another way.
             */
            confirmUrl: string;
        };
        Domain: {
            hostname: string;
            /**
             * @description The domain works once it is verified. `failing`: its records are missing or wrong; `releasing`: it is removed at `releaseAt`.
             * @enum {string}
             */
            state: "pending" | "verified" | "failing" | "releasing";
            /** @description The DNS records to set and keep. */
            records: {
                /**
                 * @description `ALIAS` (or ANAME) at the apex of a zone, where CNAME is not possible.
                 * @enum {string}
                 */
                type: "TXT" | "CNAME" | "ALIAS";
                name: string;
                value: string;
                /**
                 * @description `edge`: for CloudFront at the apex of a zone.
                 * @enum {string}
                 */
                purpose: "ownership" | "traffic" | "edge";
                /** @description The result of the last check; null before the first one, and for `edge`, which is not checked. */
                seen: ("right" | "wrong" | "unknown") | null;
            }[];
            /** Format: date-time */
            addedAt: string;
            checkedAt: string | null;
            verifiedAt: string | null;
            /** @description When a `pending` or `releasing` domain is removed unless it is verified. */
            releaseAt: string | null;
            releasedBecause: ("plan-changed" | "records-gone") | null;
        };
        OperatorSite: {
            /** @example site_01jq3v5k8m0000000000000000 */
            id: string;
            version: number;
            /** @enum {string} */
            status: "building" | "ready" | "active" | "asleep" | "failed" | "suspended" | "archived" | "purged";
            /** @description Null in the pool. */
            accountId: string | null;
            hostname: string | null;
            name: string | null;
            url: string | null;
            plan: string;
            cell: string;
            blueprint: {
                name: string;
                version: number;
            };
            policyVersion: number;
            /**
             * Format: date-time
             * @description When its build was requested, for a site of the pool before it had an owner.
             */
            createdAt: string;
            /** @description When its owner signed up for it; null for a site of the pool. */
            ownedSince: string | null;
            trialEndsAt: string | null;
            extensionsUsed: number;
            heldSince: string | null;
            /** @description When a postponed step is tried again, after a payment or a failure. */
            reprievedUntil: string | null;
            /** @description A purge request that a second operator can confirm until it expires. */
            purgeRequest: {
                operatorId: string;
                /** Format: date-time */
                at: string;
                /** Format: date-time */
                endsAt: string;
            } | null;
            /** @description The number of verified copies. */
            archives: number;
            /** @description The copy from before the last upgrade that copied the data, with the version of then. */
            releaseCopy: {
                /** @example arc_01jq3v5k8m0000000000000000 */
                id: string;
                /** Format: date-time */
                at: string;
                version: number;
            } | null;
            /** @description Since when its platform has kept nothing but its data. Its next wake takes about as long as a build. */
            dormantSince: string | null;
            /** @description The version that it gets when it wakes. Until then it has its former version and data. */
            upgradeDue: {
                to: number;
            } | null;
            /** @description The last upgrade, if the site went back from it: `because` names the error, `cause` what the evidence says. */
            failedUpgrade: {
                to: number;
                because: string;
                /** @enum {string} */
                cause?: "crash" | "wrong-port" | "wrong-health-path" | "slow" | "server-error" | "refused-write" | "limit" | "image" | "check" | "open" | "unknown";
                /** Format: date-time */
                at: string;
                /**
                 * @description It slept, and failed as it woke.
                 * @constant
                 */
                atWake?: true;
            } | null;
            /** @description The next change by deadline. */
            nextStep: {
                /** @enum {string} */
                step: "remind" | "suspend" | "archive" | "warn" | "purge";
                /** Format: date-time */
                at: string;
            } | null;
            suspended: {
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                because: "trial-ended" | "payment-overdue" | "subscription-ended" | "storage-full" | "operator" | "owner-deletion";
            } | null;
            archived: {
                /** Format: date-time */
                at: string;
                purgeAt: string | null;
            } | null;
            /** @description The scheduled deletion; null if none is requested. */
            deletion: {
                /** Format: date-time */
                requestedAt: string;
                purgeAt: string | null;
                /** @description Whether the owner may cancel the deletion. */
                revocable: boolean;
            } | null;
            /** @description For how many days an owner may cancel a deletion; null if the site cannot be deleted. */
            deletionDays: number | null;
            /** @description How often and by how many days the owner may extend the trial; null if it is not a trial. */
            extension: {
                left: number;
                days: number;
            } | null;
            /** @description The operation in progress. */
            operation: ("suspend" | "archive" | "restore" | "purge" | "copy" | "resize" | "upgrade" | "sleep" | "dormancy" | "wake" | "handover") | null;
            storage: ("near" | "full") | null;
            /** @description Since when the site has not answered; null if it answers, or does not run. */
            downSince: string | null;
            /** @description Whether the site's product knows its owner; null if its blueprint has no step for that. */
            handOver: {
                /** @enum {string} */
                status: "pending" | "done" | "failed";
                at: string | null;
                reason: string | null;
                /** @description What the site answered last, if it failed. */
                answer: {
                    status: number;
                    excerpt: string;
                } | null;
            } | null;
            /** @description When the generated credentials were shown to the owner; null if there are none. */
            credentials: {
                shownAt: string | null;
            } | null;
            /** @description Attempts at the operation so far. */
            attempts: number | null;
            failure: {
                step: string;
                reason: string;
                /** Format: date-time */
                at: string;
            } | null;
        };
        OperatorSiteDetail: {
            /** @example site_01jq3v5k8m0000000000000000 */
            id: string;
            version: number;
            /** @enum {string} */
            status: "building" | "ready" | "active" | "asleep" | "failed" | "suspended" | "archived" | "purged";
            /** @description Null in the pool. */
            accountId: string | null;
            hostname: string | null;
            name: string | null;
            url: string | null;
            plan: string;
            cell: string;
            blueprint: {
                name: string;
                version: number;
            };
            policyVersion: number;
            /**
             * Format: date-time
             * @description When its build was requested, for a site of the pool before it had an owner.
             */
            createdAt: string;
            /** @description When its owner signed up for it; null for a site of the pool. */
            ownedSince: string | null;
            trialEndsAt: string | null;
            extensionsUsed: number;
            heldSince: string | null;
            /** @description When a postponed step is tried again, after a payment or a failure. */
            reprievedUntil: string | null;
            /** @description A purge request that a second operator can confirm until it expires. */
            purgeRequest: {
                operatorId: string;
                /** Format: date-time */
                at: string;
                /** Format: date-time */
                endsAt: string;
            } | null;
            /** @description The number of verified copies. */
            archives: number;
            /** @description The copy from before the last upgrade that copied the data, with the version of then. */
            releaseCopy: {
                /** @example arc_01jq3v5k8m0000000000000000 */
                id: string;
                /** Format: date-time */
                at: string;
                version: number;
            } | null;
            /** @description Since when its platform has kept nothing but its data. Its next wake takes about as long as a build. */
            dormantSince: string | null;
            /** @description The version that it gets when it wakes. Until then it has its former version and data. */
            upgradeDue: {
                to: number;
            } | null;
            /** @description The last upgrade, if the site went back from it: `because` names the error, `cause` what the evidence says. */
            failedUpgrade: {
                to: number;
                because: string;
                /** @enum {string} */
                cause?: "crash" | "wrong-port" | "wrong-health-path" | "slow" | "server-error" | "refused-write" | "limit" | "image" | "check" | "open" | "unknown";
                /** Format: date-time */
                at: string;
                /**
                 * @description It slept, and failed as it woke.
                 * @constant
                 */
                atWake?: true;
            } | null;
            /** @description The next change by deadline. */
            nextStep: {
                /** @enum {string} */
                step: "remind" | "suspend" | "archive" | "warn" | "purge";
                /** Format: date-time */
                at: string;
            } | null;
            suspended: {
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                because: "trial-ended" | "payment-overdue" | "subscription-ended" | "storage-full" | "operator" | "owner-deletion";
            } | null;
            archived: {
                /** Format: date-time */
                at: string;
                purgeAt: string | null;
            } | null;
            /** @description The scheduled deletion; null if none is requested. */
            deletion: {
                /** Format: date-time */
                requestedAt: string;
                purgeAt: string | null;
                /** @description Whether the owner may cancel the deletion. */
                revocable: boolean;
            } | null;
            /** @description For how many days an owner may cancel a deletion; null if the site cannot be deleted. */
            deletionDays: number | null;
            /** @description How often and by how many days the owner may extend the trial; null if it is not a trial. */
            extension: {
                left: number;
                days: number;
            } | null;
            /** @description The operation in progress. */
            operation: ("suspend" | "archive" | "restore" | "purge" | "copy" | "resize" | "upgrade" | "sleep" | "dormancy" | "wake" | "handover") | null;
            storage: ("near" | "full") | null;
            /** @description Since when the site has not answered; null if it answers, or does not run. */
            downSince: string | null;
            /** @description Whether the site's product knows its owner; null if its blueprint has no step for that. */
            handOver: {
                /** @enum {string} */
                status: "pending" | "done" | "failed";
                at: string | null;
                reason: string | null;
                /** @description What the site answered last, if it failed. */
                answer: {
                    status: number;
                    excerpt: string;
                } | null;
            } | null;
            /** @description When the generated credentials were shown to the owner; null if there are none. */
            credentials: {
                shownAt: string | null;
            } | null;
            /** @description Attempts at the operation so far. */
            attempts: number | null;
            failure: {
                step: string;
                reason: string;
                /** Format: date-time */
                at: string;
            } | null;
            owner: {
                email: string;
                name: string | null;
            } | null;
            /** @description `closed`: its owner has asked to delete it; `erased`: nothing names the owner any more. */
            accountState: ("open" | "closed" | "erased") | null;
        };
        SiteEvent: {
            /** @example evt_01jq3v5k8m0000000000000000 */
            id: string;
            /** @enum {string} */
            type: "SiteRequested" | "SiteBuildAdvanced" | "SiteBuildRetried" | "SiteStocked" | "SiteOpened" | "SiteFailed" | "SiteClaimed" | "PreparedSiteClaimed" | "SiteRetired" | "SiteMoved" | "SiteUpgraded" | "SiteVersionAssigned" | "SiteFellAsleep" | "SiteWoke" | "SiteSleepChosen" | "SiteUrlChanged" | "SiteSuspended" | "SiteResumed" | "SiteArchived" | "SiteRestored" | "SitePurged" | "SiteReminded" | "SiteWarned" | "SiteNoticesSkipped" | "TrialExtended" | "SiteBillingChanged" | "SitePaymentReturned" | "SitePlanChanged" | "SitePolicyChanged" | "SiteHeld" | "SiteHoldEnded" | "SiteOperationBegun" | "SiteOperationRetried" | "SiteOperationEnded" | "SiteDeletionRequested" | "SiteDeletionRevoked" | "SitePurgeRequested" | "SiteCopied" | "SiteDown" | "SiteStorageNoted" | "SiteCredentialsShown" | "SiteSupportEntered";
            version: number;
            /** Format: date-time */
            at: string;
            actor: {
                /** @constant */
                kind: "system";
            } | {
                /** @constant */
                kind: "owner";
                /** @example prsn_01jq3v5k8m0000000000000000 */
                personId: string;
            } | {
                /** @constant */
                kind: "operator";
                operatorId: string;
                /** @enum {string} */
                role: "support" | "sales" | "admin";
            };
            causationId: string;
            data: {
                [key: string]: unknown;
            };
        };
        SiteFailure: {
            id: string;
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            during: "build" | "restore" | "resize" | "upgrade" | "wake";
            /** @description The name of the error that ended the attempt. */
            error: string;
            /** @enum {string} */
            cause: "crash" | "wrong-port" | "wrong-health-path" | "slow" | "server-error" | "refused-write" | "limit" | "image" | "check" | "open" | "unknown";
            /** @description The cause in words. */
            detail: string;
            blueprint: {
                name: string;
                version: number;
            };
            healthPath: string | null;
            /** @description The last answer on the health path; null if there was no address to ask. */
            healthAnswer: ({
                status: number;
                location?: string;
            } | {
                /** @enum {string} */
                failure: "refused" | "silent" | "broken" | "unknown";
            }) | null;
            /** @description The value of `PORT`; null if it is not known. */
            port: number | null;
            /** @description Where the site listened; null where the platform cannot tell. */
            listeners: {
                port: number;
                isLocal: boolean;
            }[] | null;
            containers: {
                name: string;
                isRunning: boolean;
                /** @description How often it ended by itself since its start. */
                ends: number;
                lastEnd: {
                    exitCode?: number;
                    signal?: string;
                    isOutOfMemory?: boolean;
                    reason?: string;
                } | null;
                /** @description The last lines of its output, at most 200, without the secrets of the site. */
                lines: string[];
            }[];
        };
        Brake: {
            tripped: {
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                because: "clock" | "too-many" | "operator";
                detail: string;
            } | null;
            /**
             * Format: date-time
             * @description The time of the domain clock.
             */
            now: string;
            /** @description When a sweep last read the domain clock. */
            seenAt: string | null;
            /** @description Endings that are due and not started, counted up to 10,000. */
            waiting: number;
            /** @description Endings started today. */
            begun: number;
            forecast: {
                /** Format: date-time */
                day: string;
                today: number;
                tomorrow: number;
                limit: number;
            } | null;
            pace: {
                hour: {
                    used: number;
                    allowed: number;
                };
                day: {
                    used: number;
                    allowed: number;
                };
            };
            history: {
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                act: "tripped" | "released";
                /** @enum {string} */
                because?: "clock" | "too-many" | "operator";
                detail: string;
                actor: {
                    /** @constant */
                    kind: "system";
                } | {
                    /** @constant */
                    kind: "owner";
                    /** @example prsn_01jq3v5k8m0000000000000000 */
                    personId: string;
                } | {
                    /** @constant */
                    kind: "operator";
                    operatorId: string;
                    /** @enum {string} */
                    role: "support" | "sales" | "admin";
                };
            }[];
        };
        Trials: {
            paused: boolean;
            live: number;
            newInHour: number;
            ceilings: {
                mostLive: number;
                mostNewPerHour: number;
            };
            /** @description How many more trials can start now. */
            room: number;
            /** @description People on the waiting list who are not invited yet, counted up to 10,000. */
            waiting: number;
            /** @description People who are invited and have no trial yet. */
            invited: number;
            history: {
                isPaused: boolean;
                /** Format: date-time */
                at: string;
                actor: {
                    /** @constant */
                    kind: "system";
                } | {
                    /** @constant */
                    kind: "owner";
                    /** @example prsn_01jq3v5k8m0000000000000000 */
                    personId: string;
                } | {
                    /** @constant */
                    kind: "operator";
                    operatorId: string;
                    /** @enum {string} */
                    role: "support" | "sales" | "admin";
                };
                reason: string;
            }[];
        };
        BillingReconciliation: {
            /** @description The last request; null without one. */
            request: {
                /** Format: date-time */
                at: string;
                actor: {
                    /** @constant */
                    kind: "system";
                } | {
                    /** @constant */
                    kind: "owner";
                    /** @example prsn_01jq3v5k8m0000000000000000 */
                    personId: string;
                } | {
                    /** @constant */
                    kind: "operator";
                    operatorId: string;
                    /** @enum {string} */
                    role: "support" | "sales" | "admin";
                };
                reason: string;
                /** @description Whether no later run has finished. */
                waiting: boolean;
            } | null;
            /** @description A run after the one in the report that has not finished. */
            attempt: {
                /** Format: date-time */
                beganAt: string;
                /** @description Null while the run is in progress, or if its process crashed. */
                failedAt: string | null;
                /** @description The step that failed; the log has details. */
                error: string | null;
            } | null;
            /** @description The last finished run; null before the first. Times use the wall clock. */
            report: {
                /** Format: date-time */
                beganAt: string;
                /** Format: date-time */
                endedAt: string;
                /** @description Our subscriptions at Stripe, including ended ones. */
                subscriptions: number;
                /** @description Sites whose record or subscription was corrected. */
                repaired: {
                    /** @description The exact count. */
                    count: number;
                    /** @description The first 500; the log of the run has every one. */
                    first: string[];
                };
                /** @description Subscriptions of unknown sites, by Stripe id. */
                withoutSite: {
                    /** @description The exact count. */
                    count: number;
                    /** @description The first 500; the log of the run has every one. */
                    first: string[];
                };
                /** @description Sites whose subscription Stripe did not list. */
                withoutSubscription: {
                    /** @description The exact count. */
                    count: number;
                    /** @description The first 500; the log of the run has every one. */
                    first: string[];
                };
                /** @description Sites on a paid plan without a subscription. */
                byArrangement: {
                    /** @description The exact count. */
                    count: number;
                    /** @description The first 500; the log of the run has every one. */
                    first: string[];
                };
                /** @description Sites, including purged ones, with a disputed payment. */
                disputed: {
                    /** @description The exact count. */
                    count: number;
                    /** @description The first 500; the log of the run has every one. */
                    first: string[];
                };
                /** @description Sites, including purged ones, with a payment that a person has to refund. */
                unreturned: {
                    /** @description The exact count. */
                    count: number;
                    /** @description The first 500; the log of the run has every one. */
                    first: string[];
                };
                /** @description Sites for which Stripe permanently refuses a request: a person has to settle them. */
                refused: {
                    /** @description The exact count. */
                    count: number;
                    /** @description The first 500; the log of the run has every one. */
                    first: {
                        /** @example site_01jq3v5k8m0000000000000000 */
                        siteId: string;
                        act: string;
                        /** @description Stripe's code. */
                        code: string;
                        /** @description Finds the request in Stripe's dashboard. */
                        requestId?: string;
                    }[];
                };
                /** @description Subscriptions with terms that are never sold, set by somebody at Stripe. A site without paid time ends. */
                unusual: {
                    /** @description The exact count. */
                    count: number;
                    /** @description The first 500; the log of the run has every one. */
                    first: {
                        /** @example site_01jq3v5k8m0000000000000000 */
                        siteId: string;
                        subscriptionId: string;
                        /** @enum {string} */
                        term: "paused" | "sends-invoices" | "free-by-discount" | "in-stripe-trial";
                    }[];
                };
                /** @description Monthly revenue by currency, in minor units; missing in reports of older versions. */
                revenue?: {
                    currency: string;
                    amount: number;
                    subscriptions: number;
                }[];
                /** @description Sites that could not be reconciled; the next run retries. */
                left: {
                    /** @description The exact count. */
                    count: number;
                    /** @description The first 500; the log of the run has every one. */
                    first: string[];
                };
            } | null;
        };
        PolicyMove: {
            sites: {
                /** @example site_01jq3v5k8m0000000000000000 */
                id: string;
                hostname: string;
                status: string;
                trialEndsAt: {
                    /** Format: date-time */
                    before: string;
                    /** Format: date-time */
                    after: string;
                };
                nextStep: {
                    before: {
                        step: string;
                        /** Format: date-time */
                        at: string;
                    } | null;
                    after: {
                        step: string;
                        /** Format: date-time */
                        at: string;
                    } | null;
                };
                isDueAtOnce: boolean;
            }[];
            cursor?: string;
        };
        BlueprintStanding: {
            name: string;
            /** @description The version of new sites; null before the first. */
            current: number | null;
            /** @description The newest published version. It is higher than `current` if its roll-out halted or sites go down from it. */
            newest: number | null;
            /** @description The last ten published versions, the oldest first. One is held back if its roll-out halted or sites go down from it, and unavailable if one of its images cannot be had. */
            versions: {
                version: number;
                heldBack: boolean;
                unavailable: boolean;
            }[];
            /** @description The containers that start as root, and what they may do. */
            capabilities: {
                container: string;
                readonly capabilities: string[];
            }[];
            draft: {
                version: number;
                /** @description The containers that start as root, and what they may do. */
                capabilities: {
                    container: string;
                    readonly capabilities: string[];
                }[];
                /** @enum {string} */
                state: "trying" | "current" | "failed";
                /** Format: date-time */
                submittedAt: string;
                failures: number;
                /** @description The last one. The failures of the site have its evidence. */
                failure: {
                    /** @example site_01jq3v5k8m0000000000000000 */
                    siteId: string;
                    /** Format: date-time */
                    at: string;
                    /** @enum {string} */
                    cause: "crash" | "wrong-port" | "wrong-health-path" | "slow" | "server-error" | "refused-write" | "limit" | "image" | "check" | "open" | "unknown";
                    detail: string;
                } | null;
            } | null;
            /** @description Why sites of a version cannot be built: one of its images is not available. */
            unavailable: {
                version: number;
                /** @enum {string} */
                cause: "registry-unreachable" | "credentials-needed" | "image-not-found" | "wrong-architecture" | "unknown";
                detail: string;
                /** Format: date-time */
                since: string;
                failures: number;
                /** Format: date-time */
                retryAt: string;
            } | null;
            pool: {
                ready: number;
            };
        };
        AuditEntry: {
            /** @example aud_01jq3v5k8m0000000000000000 */
            id: string;
            /**
             * Format: date-time
             * @description By the wall clock.
             */
            at: string;
            who: {
                /** @constant */
                kind: "person";
                /** @example prsn_01jq3v5k8m0000000000000000 */
                id: string;
            } | {
                /** @constant */
                kind: "operator";
                id: string;
                /** @enum {string} */
                role: "support" | "sales" | "admin";
            } | {
                /** @constant */
                kind: "visitor";
                /** @constant */
                id: "unknown";
            };
            /** @description An operation of this API, `signIn`, `signOut` or `refused`. */
            action: string;
            /** @description The ids of the sites, accounts and people that were read or acted on. */
            targets: string[];
            from: {
                /** @description An IPv4 address, an IPv6 /64 or `unknown`. */
                network: string;
                userAgent?: string;
            };
            /** @description The operator's reason, or why a session was ended. */
            reason?: string;
            /** @description The `causationId` of the events that the request caused. */
            requestId?: string;
            /** @description The type of a problem, and how often it was the answer in the hour that began then. */
            refused?: {
                problem: string;
                /** Format: date-time */
                hour: string;
                count: number;
            };
        };
        OperatorSession: {
            operator: {
                id: string;
                /** @description Null for a bearer token. */
                email: string | null;
                /** @enum {string} */
                role: "support" | "sales" | "admin";
            };
            /** @description The ids of the operations that the role permits. */
            operations: string[];
            /** @description When it ends if it is not used, and at the latest. Null for a bearer token. */
            session: {
                /** Format: date-time */
                idleEndsAt: string;
                /** Format: date-time */
                expiresAt: string;
            } | null;
            /**
             * Format: date-time
             * @description The time of the domain clock, which can be advanced on one machine.
             */
            now: string;
        };
        Overview: {
            sites: {
                /** @description Sites that have or had an owner. */
                byStatus: {
                    [key: string]: number;
                };
                /** @description Sites that were neither purged nor failed. */
                byPlan: {
                    [key: string]: number;
                };
                awake: number;
                asleep: number;
            };
            /** @description The last 30 days (UTC), oldest first; null before the first day that was counted. */
            days: {
                /** Format: date */
                day: string;
                signups: number | null;
                conversions: number | null;
            }[];
            /** @description The first day with a count; it may be incomplete. */
            countedSince: string | null;
            /** @description Monthly recurring revenue at the last billing reconciliation; null if no run has counted it yet. */
            revenue: {
                /** Format: date-time */
                at: string;
                monthly: {
                    currency: string;
                    amount: number;
                    subscriptions: number;
                }[];
            } | null;
            pools: {
                blueprint: string;
                ready: number;
                target: number;
                /** @description Builds in progress, counted up to 100 over all blueprints. */
                building: number;
                /** @description In this hour and the one before. */
                claims: number;
                /** @description Build times of recent builds: the median and the 90th percentile. */
                builds: {
                    builds: number;
                    /** @description Milliseconds. */
                    median: number;
                    /** @description Milliseconds. */
                    ninetieth: number;
                } | null;
            }[];
            /** @description Deadlines within the next 24 hours. */
            due: {
                steps: {
                    remind: number;
                    warn: number;
                    suspend: number;
                    archive: number;
                    purge: number;
                };
                /** @description False if there are more than were counted. */
                isComplete: boolean;
            };
            brake: {
                tripped: {
                    /** Format: date-time */
                    at: string;
                    /** @enum {string} */
                    because: "clock" | "too-many" | "operator";
                    detail: string;
                } | null;
                /** @description Endings that are due and not started, counted up to 10,000. */
                waiting: number;
                /** @description Endings started today. */
                begun: number;
                forecast: {
                    /** Format: date-time */
                    day: string;
                    today: number;
                    tomorrow: number;
                    limit: number;
                } | null;
                pace: {
                    hour: {
                        used: number;
                        allowed: number;
                    };
                    day: {
                        used: number;
                        allowed: number;
                    };
                };
                history: {
                    /** Format: date-time */
                    at: string;
                    /** @enum {string} */
                    act: "tripped" | "released";
                    /** @enum {string} */
                    because?: "clock" | "too-many" | "operator";
                    detail: string;
                    actor: {
                        /** @constant */
                        kind: "system";
                    } | {
                        /** @constant */
                        kind: "owner";
                        /** @example prsn_01jq3v5k8m0000000000000000 */
                        personId: string;
                    } | {
                        /** @constant */
                        kind: "operator";
                        operatorId: string;
                        /** @enum {string} */
                        role: "support" | "sales" | "admin";
                    };
                }[];
            };
            /** @description The newest failures of all sites, at most 20. */
            failures: {
                id: string;
                /** Format: date-time */
                at: string;
                /** @example site_01jq3v5k8m0000000000000000 */
                siteId: string;
                hostname: string | null;
                /** @description The present status of the site. */
                status: ("building" | "ready" | "active" | "asleep" | "failed" | "suspended" | "archived" | "purged") | null;
                /** @enum {string} */
                during: "build" | "restore" | "resize" | "upgrade" | "wake";
                /** @enum {string} */
                cause: "crash" | "wrong-port" | "wrong-health-path" | "slow" | "server-error" | "refused-write" | "limit" | "image" | "check" | "open" | "unknown";
                /** @description The cause in words; null for `sales`. */
                detail: string | null;
                blueprint: {
                    name: string;
                    version: number;
                };
                /** @description The path of the evidence. */
                evidence: string;
                /** @description The operation that retries it; null if it is retried by itself or solved. */
                retry: {
                    /** @constant */
                    method: "POST";
                    path: string;
                } | null;
            }[];
        };
        Timeline: {
            entries: {
                id: string;
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                kind: "event" | "operation" | "step" | "mail" | "failure";
                /** @description The type of the event, `Mail`, or `Failure`. */
                type: string;
                /** @description What happened, in words. */
                title: string;
                who: {
                    /** @constant */
                    kind: "system";
                } | {
                    /** @constant */
                    kind: "owner";
                    /** @example prsn_01jq3v5k8m0000000000000000 */
                    personId: string;
                } | {
                    /** @constant */
                    kind: "operator";
                    operatorId: string;
                    /** @enum {string} */
                    role: "support" | "sales" | "admin";
                };
                details: {
                    [key: string]: unknown;
                };
            }[];
            cursor?: string;
        };
        Consequences: {
            /** @enum {string} */
            action: "extend" | "suspend" | "resume" | "restore" | "hold" | "unhold" | "purge" | "plan";
            /** @description Why the act would be refused; null if it would not. */
            refusal: string | null;
            /** @description Null if it is refused or would change nothing. */
            changes: {
                status: {
                    /** @enum {string} */
                    before: "building" | "ready" | "active" | "asleep" | "failed" | "suspended" | "archived" | "purged";
                    /** @enum {string} */
                    after: "building" | "ready" | "active" | "asleep" | "failed" | "suspended" | "archived" | "purged";
                };
                plan: {
                    before: string;
                    after: string;
                };
                trialEndsAt: {
                    before: string | null;
                    after: string | null;
                };
                nextStep: {
                    before: {
                        step: string;
                        /** Format: date-time */
                        at: string;
                    } | null;
                    after: {
                        step: string;
                        /** Format: date-time */
                        at: string;
                    } | null;
                };
                /** @description The operation that would begin. */
                operation: string | null;
            } | null;
            /** @description The mails that it would send at once. */
            mails: {
                to: string;
                subject: string;
            }[];
            /** @description What follows, in words. */
            effects: string[];
        };
        Settings: {
            brand: string;
            contact: string;
            consoleUrl: string;
            sitesDomain: string;
            paymentsAreLive: boolean;
            offeredBlueprints: string[];
            reservedSlugs: string[];
            pool: {
                target: number;
                most?: number;
                buildsAtOnce: number;
            };
            trials: {
                mostLive: number;
                mostNewPerHour: number;
            };
            plans: {
                id: string;
                name: string;
                /** @enum {string} */
                kind: "trial" | "paid" | "enterprise";
                /** @default [] */
                readonly prices: {
                    amount: number;
                    currency: string;
                    /** @enum {string} */
                    interval: "month" | "year";
                }[];
                size: {
                    cpu: number;
                    memoryMiB: number;
                    processes: number;
                };
                limits: {
                    requestsPerMinute: number;
                    bandwidthMiBPerMinute: number;
                    connections: number;
                    uploadMiB: number;
                    storageMiB: number;
                };
                readonly features: string[];
                sleepAfterMinutes?: number;
                productLimits?: {
                    [key: string]: number;
                };
            }[];
            trialPolicies: {
                version: number;
                name?: string;
                trialDays: number;
                readonly reminderDaysBefore: number[];
                /** @default 7 */
                pastDueDays: number;
                graceDays: number;
                retentionDays: number;
                /**
                 * @default [
                 *       14,
                 *       3
                 *     ]
                 */
                readonly warningDaysBefore: number[];
                /** @default 1 */
                ownerExtensions: number;
                /** @default 7 */
                extensionDays: number;
                /** @default 7 */
                deletionDays: number;
            }[];
            sleep: {
                /**
                 * @default [
                 *       "(?<!cu)bot\\b",
                 *       "bot[-_/]",
                 *       "crawler",
                 *       "spider",
                 *       "slurp",
                 *       "archiver",
                 *       "facebookexternalhit",
                 *       "meta-externalagent",
                 *       "mediapartners-google",
                 *       "google-(inspectiontool|extended|read-aloud|safety)",
                 *       "googleother",
                 *       "bingpreview",
                 *       "embedly",
                 *       "whatsapp/",
                 *       "skypeuripreview",
                 *       "iframely"
                 *     ]
                 */
                readonly crawlers: string[];
                /**
                 * @default [
                 *       "uptime",
                 *       "pingdom",
                 *       "statuscake",
                 *       "site24x7",
                 *       "better ?stack",
                 *       "datadog.*synthetics",
                 *       "newrelic.*synthetics",
                 *       "checkly",
                 *       "gatus",
                 *       "blackbox[- ]exporter",
                 *       "nagios",
                 *       "check_http",
                 *       "zabbix",
                 *       "freshping",
                 *       "hetrixtools",
                 *       "healthchecks",
                 *       "googlestackdrivermonitoring",
                 *       "amazon-route53-health-check",
                 *       "elb-healthchecker",
                 *       "cloudwatchsynthetics"
                 *     ]
                 */
                readonly monitors: string[];
                /** @default 3 */
                dormantAfterDays: number;
                /**
                 * @default {
                 *       "client": [
                 *         {
                 *           "limit": 30,
                 *           "minutes": 10
                 *         },
                 *         {
                 *           "limit": 150,
                 *           "minutes": 1440
                 *         }
                 *       ],
                 *       "site": [
                 *         {
                 *           "limit": 20,
                 *           "minutes": 60
                 *         }
                 *       ],
                 *       "everyone": [
                 *         {
                 *           "limit": 300,
                 *           "minutes": 1
                 *         }
                 *       ],
                 *       "button": [
                 *         {
                 *           "limit": 6,
                 *           "minutes": 1
                 *         }
                 *       ],
                 *       "buttonOfClient": [
                 *         {
                 *           "limit": 10,
                 *           "minutes": 10
                 *         }
                 *       ]
                 *     }
                 */
                wakes: {
                    readonly client: {
                        limit: number;
                        minutes: number;
                    }[];
                    readonly site: {
                        limit: number;
                        minutes: number;
                    }[];
                    readonly everyone: {
                        limit: number;
                        minutes: number;
                    }[];
                    readonly button: {
                        limit: number;
                        minutes: number;
                    }[];
                    readonly buttonOfClient: {
                        limit: number;
                        minutes: number;
                    }[];
                };
            };
            abuse: {
                signups: {
                    readonly address: {
                        limit: number;
                        minutes: number;
                    }[];
                    readonly mailDomain: {
                        limit: number;
                        minutes: number;
                    }[];
                    readonly network: {
                        limit: number;
                        minutes: number;
                    }[];
                    readonly everyone: {
                        limit: number;
                        minutes: number;
                    }[];
                };
                /**
                 * @default {
                 *       "address": [
                 *         {
                 *           "limit": 10,
                 *           "minutes": 15
                 *         },
                 *         {
                 *           "limit": 30,
                 *           "minutes": 1440
                 *         }
                 *       ],
                 *       "everyone": [
                 *         {
                 *           "limit": 600,
                 *           "minutes": 1
                 *         }
                 *       ]
                 *     }
                 */
                mails: {
                    readonly address: {
                        limit: number;
                        minutes: number;
                    }[];
                    readonly everyone: {
                        limit: number;
                        minutes: number;
                    }[];
                };
                codeTries: {
                    readonly address: {
                        limit: number;
                        minutes: number;
                    }[];
                    readonly network: {
                        limit: number;
                        minutes: number;
                    }[];
                };
                readonly sharedMailDomains: string[];
                limitLoopback: boolean;
                proofOfWork: {
                    /** @enum {string} */
                    when: "under-pressure" | "always" | "never";
                    pressure: number;
                    cost: number;
                    attempts: number;
                    /** @default 16 */
                    hardest: number;
                    /**
                     * @default [
                     *       {
                     *         "limit": 300,
                     *         "minutes": 10
                     *       }
                     *     ]
                     */
                    readonly wrongCodes: {
                        limit: number;
                        minutes: number;
                    }[];
                    minutes: number;
                };
                refuseDisposableMail: boolean;
                readonly disposableMailDomains: string[];
            };
            audit: {
                /** @default 400 */
                retentionDays: number;
            };
        };
        OperatorBilling: {
            plan: string;
            customerId: string | null;
            /** @description The subscription as it was when Stripe was last asked. */
            record: {
                subscriptionId: string;
                /** @enum {string} */
                state: "active" | "past-due" | "paused" | "ended";
                plan: string | null;
                interval: string | null;
                currency: string | null;
                cancelsAtPeriodEnd: boolean;
                paidThrough: string | null;
                isDisputed: boolean;
            } | null;
            /** @description Refunded subscriptions. */
            returned: {
                [key: string]: unknown;
            }[];
            /** @description Null if Stripe was not asked. */
            stripe: {
                /** @description Why Stripe could not be asked. */
                failure: string | null;
                /** @description The site's subscriptions at Stripe, newest first. */
                subscriptions: {
                    subscriptionId: string;
                    state: string;
                    plan: string | null;
                    interval: string | null;
                    currency: string | null;
                    cancelsAtPeriodEnd: boolean;
                    paidThrough: string | null;
                    isDisputed: boolean;
                }[];
                differences: {
                    field: string;
                    ours: string | null;
                    stripe: string | null;
                }[];
            } | null;
        };
        SiteLogs: {
            containers: {
                container: string;
                /** @description At most 200, without the secrets of the site. */
                lines: string[];
            }[];
            /** @description For `after`: what is written afterwards. */
            cursor: string;
        };
        Rollout: {
            blueprint: string;
            /** @description The version that its sites get. */
            version: number;
            /** @enum {string} */
            state: "running" | "paused" | "halted" | "going-back" | "went-back" | "aborted" | "finished";
            /** @description Why it halted or its sites go back: too many failures, or requests after a wave. */
            because: ("failures" | "bake-time") | null;
            security: boolean;
            waves: ({
                sites: number;
            } | {
                percent: number;
            })[];
            /** @description The present wave, from 1. After the last one comes the rest. */
            wave: number;
            failureBudget: number;
            reason: string;
            startedBy: {
                /** @constant */
                kind: "system";
            } | {
                /** @constant */
                kind: "owner";
                /** @example prsn_01jq3v5k8m0000000000000000 */
                personId: string;
            } | {
                /** @constant */
                kind: "operator";
                operatorId: string;
                /** @enum {string} */
                role: "support" | "sales" | "admin";
            };
            /** Format: date-time */
            startedAt: string;
            endedAt: string | null;
            /** @description Sites without the version at the start; null until they are counted. */
            sites: number | null;
            done: number;
            /** @description Sites that sleep and get the version when they wake. One that fails then moves to `failed`. */
            assigned: number;
            /** @description Suspended, archived or deleted meanwhile. */
            skipped: number;
            failed: {
                /** @example site_01jq3v5k8m0000000000000000 */
                siteId: string;
                because: string;
                /**
                 * @description As the evidence of the failure says.
                 * @enum {string}
                 */
                cause?: "crash" | "wrong-port" | "wrong-health-path" | "slow" | "server-error" | "refused-write" | "limit" | "image" | "check" | "open" | "unknown";
            }[];
            inProgress: string[];
            /** @description The end of the present bake time. */
            bakingUntil: string | null;
        };
        Lead: {
            /**
             * @description The id of the account.
             * @example acct_01jq3v5k8m0000000000000000
             */
            id: string;
            email: string | null;
            name: string | null;
            company: string | null;
            /** @enum {string} */
            stage: "signed-up" | "activated" | "engaged" | "asked" | "customer" | "expanding" | "at-risk" | "lost";
            /** Format: date-time */
            stageSince: string;
            score: number;
            reasons: {
                /** @enum {string} */
                fact: "usedDays" | "requests" | "productEvents" | "idleDays" | "storagePercent" | "liveSites" | "trialDaysLeft" | "extensions" | "activated" | "companyMail" | "contactRequests" | "refusals";
                /** @description The name of the product event. */
                event?: string;
                /** @description What was refused, such as `custom domain`. */
                about?: string;
                value: number;
                points: number;
                /** @description Such as `+20: used on 4 of the last 7 days`. */
                text: string;
            }[];
            /** Format: date-time */
            scoredAt: string;
            /** @description The end of the trial. */
            deadline: string | null;
            assignee: string | null;
            /** @enum {string} */
            outcome: "open" | "won" | "lost" | "later";
            nextStep: {
                text: string;
                /** Format: date-time */
                at: string;
            } | null;
            marketingConsent: boolean;
            /** @description For `operatorChangeLead`. */
            revision: number;
        };
        LeadDetail: {
            /**
             * @description The id of the account.
             * @example acct_01jq3v5k8m0000000000000000
             */
            id: string;
            email: string | null;
            name: string | null;
            company: string | null;
            /** @enum {string} */
            stage: "signed-up" | "activated" | "engaged" | "asked" | "customer" | "expanding" | "at-risk" | "lost";
            /** Format: date-time */
            stageSince: string;
            score: number;
            reasons: {
                /** @enum {string} */
                fact: "usedDays" | "requests" | "productEvents" | "idleDays" | "storagePercent" | "liveSites" | "trialDaysLeft" | "extensions" | "activated" | "companyMail" | "contactRequests" | "refusals";
                /** @description The name of the product event. */
                event?: string;
                /** @description What was refused, such as `custom domain`. */
                about?: string;
                value: number;
                points: number;
                /** @description Such as `+20: used on 4 of the last 7 days`. */
                text: string;
            }[];
            /** Format: date-time */
            scoredAt: string;
            /** @description The end of the trial. */
            deadline: string | null;
            assignee: string | null;
            /** @enum {string} */
            outcome: "open" | "won" | "lost" | "later";
            nextStep: {
                text: string;
                /** Format: date-time */
                at: string;
            } | null;
            marketingConsent: boolean;
            /** @description For `operatorChangeLead`. */
            revision: number;
            facts: {
                /** Format: date-time */
                signedUpAt: string;
                isClosed: boolean;
                companyMail: boolean;
                sites: {
                    live: number;
                    paid: number;
                    ended: number;
                };
                /** @enum {string} */
                payment?: "overdue" | "cancelled";
                storagePercent?: number;
                /** Format: date-time */
                trialEndsAt?: string;
                extensions: number;
                readonly usage: {
                    /** Format: date */
                    day: string;
                    requests: number;
                }[];
                readonly productEvents?: {
                    /** Format: date */
                    day: string;
                    name: string;
                    count: number;
                }[];
                /** Format: date-time */
                activatedAt?: string;
                contactRequests: {
                    count: number;
                    /** Format: date-time */
                    lastAt?: string;
                };
                refusals: {
                    count: number;
                    /** Format: date-time */
                    lastAt?: string;
                    features?: {
                        [key: string]: number;
                    };
                };
            };
            attribution: {
                source?: string;
                medium?: string;
                campaign?: string;
                term?: string;
                content?: string;
                referrer?: string;
                landingPage?: string;
                clickIds?: {
                    [key: string]: string;
                };
            } | null;
            /** @description Null for the installation’s own. */
            offer: string | null;
            variant: string | null;
            /** @description By the ids of the offer’s questions. */
            answers: {
                [key: string]: string;
            } | null;
            language: string | null;
            mail: {
                domain: string;
                /** @enum {string} */
                kind: "free" | "company";
            } | null;
            contactRequests: {
                /** Format: date-time */
                at: string;
                /** @example site_01jq3v5k8m0000000000000000 */
                siteId: string;
                /** @enum {string} */
                topic: "plans" | "enterprise" | "services" | "other";
                message: string;
            }[];
            notes: {
                /** Format: date-time */
                at: string;
                by: string;
                text: string;
            }[];
            /** @description Whom it can be assigned to. */
            people: string[];
        };
        Report: {
            /** @enum {string} */
            name: "funnel" | "conversion-time" | "retention" | "revenue" | "trial-cost" | "variants";
            title: string;
            /** Format: date */
            from: string;
            /** Format: date */
            until: string;
            offer: string | null;
            by: ("offer" | "variant" | "campaign" | "week") | null;
            columns: {
                name: string;
                /** @enum {string} */
                kind: "text" | "count" | "share" | "days" | "hours" | "amount" | "cost" | "verdict";
            }[];
            rows: (string | number | null)[][];
            /** @description Whether there are more than 1,000 rows. */
            truncated: boolean;
            /** @description Until when the data set has rows; null while it is empty. */
            asOf: string | null;
        };
        WebhookEndpoint: {
            /** @example hook_01jq3v5k8m0000000000000000 */
            id: string;
            url: string;
            description: string;
            types: string[];
            /** @description Whether it gets only what is about accounts whose owner agreed to marketing, and every `account.closed`, `consent.withdrawn` and `person.erased`. */
            marketing: boolean;
            /** @description The secrets that sign, the newest first. */
            secrets: {
                /** Format: date-time */
                createdAt: string;
                expiresAt: string | null;
            }[];
            disabled: {
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                because: "operator" | "failing" | "gone";
            } | null;
            /** Format: date-time */
            createdAt: string;
        };
        WebhookAttempt: {
            /** @example att_01jq3v5k8m0000000000000000 */
            id: string;
            /** @description The `webhook-id`. */
            messageId: string;
            type: string;
            /** Format: date-time */
            happenedAt: string;
            /** Format: date-time */
            at: string;
            /** @description 0 if it was not sent, because the endpoint was disabled. */
            number: number;
            answer: {
                status: number;
                text: string;
            } | {
                /** @enum {string} */
                failure: "address" | "refused" | "silent" | "broken" | "unknown" | "disabled";
            };
            milliseconds: number;
        };
        /** @description Find the `counter` for which PBKDF2-SHA-256 of `nonce` followed by the counter (32 bits, big-endian), with `salt`, `cost` and `keyLength`, begins with `keyPrefix`. Counters start at 0. */
        ChallengeOutput: {
            parameters: {
                /** @constant */
                algorithm: "PBKDF2/SHA-256";
                cost: number;
                data: {
                    /** Format: date-time */
                    expiresAt: string;
                    difficulty?: number;
                };
                keyLength: number;
                keyPrefix: string;
                keySignature: string;
                nonce: string;
                salt: string;
            };
            signature: string;
        };
    };
    responses: {
        /** @description The request is not valid (`urn:sitewright:problem:invalid-request`); The request body cannot be read (`urn:sitewright:problem:malformed-body`) */
        InvalidRequestOrMalformedBody: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not found (`urn:sitewright:problem:not-found`) */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request body is too large (`urn:sitewright:problem:payload-too-large`) */
        PayloadTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request body must be JSON (`urn:sitewright:problem:unsupported-media-type`) */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The Idempotency-Key was used for another request (`urn:sitewright:problem:idempotency-key-reused`); The e-mail address is not accepted (`urn:sitewright:problem:mail-domain-refused`) */
        IdempotencyKeyReusedOrMailDomainRefused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Proof of work is required (`urn:sitewright:problem:proof-of-work-required`) */
        ProofOfWorkRequired: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests (`urn:sitewright:problem:rate-limited`) */
        RateLimited: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not allowed (`urn:sitewright:problem:forbidden`) */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The e-mail address is not accepted (`urn:sitewright:problem:mail-domain-refused`) */
        MailDomainRefused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description This offer takes no sign-ups now (`urn:sitewright:problem:offer-closed`) */
        OfferClosed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many attempts for this code (`urn:sitewright:problem:code-exhausted`); The code has expired (`urn:sitewright:problem:code-expired`) */
        CodeExhaustedOrCodeExpired: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The code is wrong (`urn:sitewright:problem:code-wrong`) */
        CodeWrong: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Changed at the same time; try again (`urn:sitewright:problem:version-conflict`) */
        VersionConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is not valid (`urn:sitewright:problem:invalid-request`) */
        InvalidRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Temporarily unavailable; try again (`urn:sitewright:problem:unavailable`) */
        Unavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Sign in first (`urn:sitewright:problem:unauthenticated`) */
        Unauthenticated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not possible in the current state (`urn:sitewright:problem:transition-not-allowed`); Changed at the same time; try again (`urn:sitewright:problem:version-conflict`) */
        TransitionNotAllowedOrVersionConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The confirmation does not match (`urn:sitewright:problem:confirmation-wrong`) */
        ConfirmationWrong: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The name is taken (`urn:sitewright:problem:hostname-taken`); The trial was already used (`urn:sitewright:problem:trial-already-used`) */
        HostnameTakenOrTrialAlreadyUsed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The name is not allowed (`urn:sitewright:problem:hostname-not-allowed`); The Idempotency-Key was used for another request (`urn:sitewright:problem:idempotency-key-reused`) */
        HostnameNotAllowedOrIdempotencyKeyReused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description You are on the waiting list (`urn:sitewright:problem:waiting-list`) */
        WaitingList: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Another operation is in progress (`urn:sitewright:problem:operation-in-progress`); Not possible in the current state (`urn:sitewright:problem:transition-not-allowed`); Changed at the same time; try again (`urn:sitewright:problem:version-conflict`) */
        OperationInProgressOrTransitionNotAllowedOrVersionConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The extension was already used (`urn:sitewright:problem:extension-used`); Not possible in the current state (`urn:sitewright:problem:transition-not-allowed`); Changed at the same time; try again (`urn:sitewright:problem:version-conflict`) */
        ExtensionUsedOrTransitionNotAllowedOrVersionConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A plan is required (`urn:sitewright:problem:payment-required`) */
        PaymentRequired: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not possible in the current state (`urn:sitewright:problem:transition-not-allowed`) */
        TransitionNotAllowed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The Idempotency-Key was used for another request (`urn:sitewright:problem:idempotency-key-reused`) */
        IdempotencyKeyReused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A limit was reached (`urn:sitewright:problem:limits-exceeded`); Not possible in the current state (`urn:sitewright:problem:transition-not-allowed`); Changed at the same time; try again (`urn:sitewright:problem:version-conflict`) */
        LimitsExceededOrTransitionNotAllowedOrVersionConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The payment was declined (`urn:sitewright:problem:payment-declined`); A plan is required (`urn:sitewright:problem:payment-required`) */
        PaymentDeclinedOrPaymentRequired: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A limit was reached (`urn:sitewright:problem:limits-exceeded`); Not possible in the current state (`urn:sitewright:problem:transition-not-allowed`) */
        LimitsExceededOrTransitionNotAllowed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The plan does not include this feature (`urn:sitewright:problem:feature-not-in-plan`) */
        FeatureNotInPlan: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The name is taken (`urn:sitewright:problem:hostname-taken`); A limit was reached (`urn:sitewright:problem:limits-exceeded`); Not possible in the current state (`urn:sitewright:problem:transition-not-allowed`); Changed at the same time; try again (`urn:sitewright:problem:version-conflict`) */
        HostnameTakenOrLimitsExceededOrTransitionNotAllowedOrVersionConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The name is not allowed (`urn:sitewright:problem:hostname-not-allowed`) */
        HostnameNotAllowed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The blueprint is not valid (`urn:sitewright:problem:blueprint-invalid`) */
        BlueprintInvalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The name is taken (`urn:sitewright:problem:hostname-taken`); Another operation is in progress (`urn:sitewright:problem:operation-in-progress`); Not possible in the current state (`urn:sitewright:problem:transition-not-allowed`); The trial was already used (`urn:sitewright:problem:trial-already-used`); Changed at the same time; try again (`urn:sitewright:problem:version-conflict`) */
        HostnameTakenOrOperationInProgressOrTransitionNotAllowedOrTrialAlreadyUsedOrVersionConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The blueprint is not published (`urn:sitewright:problem:blueprint-unknown`) */
        BlueprintUnknown: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description This software cannot be built now; try again later (`urn:sitewright:problem:blueprint-unavailable`); Temporarily unavailable; try again (`urn:sitewright:problem:unavailable`) */
        BlueprintUnavailableOrUnavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The owner refuses entries of support (`urn:sitewright:problem:support-entry-refused`); Not possible in the current state (`urn:sitewright:problem:transition-not-allowed`); Changed at the same time; try again (`urn:sitewright:problem:version-conflict`) */
        SupportEntryRefusedOrTransitionNotAllowedOrVersionConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is not valid (`urn:sitewright:problem:invalid-request`); The event was refused (`urn:sitewright:problem:webhook-refused`) */
        InvalidRequestOrWebhookRefused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    openSummary: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                };
            };
        };
        responses: {
            /** @description The site as the link shows it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteSummary"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
        };
    };
    startSignup: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value that you choose, such as a UUID. Repeating a request with it creates only once. */
                "idempotency-key"?: string;
                /** @description Global Privacy Control: with `1`, no attribution is stored. */
                "sec-gpc"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: email */
                    email: string;
                    name?: string;
                    /** @description The time zone for deadlines in mails. Default: UTC, also for one that is not known. */
                    timeZone?: string;
                    company?: string;
                    /** @description Where the visitor came from: the texts `source`, `medium`, `campaign`, `term`, `content` of `utm_…`, the URLs `referrer`, of which the origin is stored, and `landingPage`, of which the path is stored, and `clickIds`, stored only with the consent to marketing. */
                    attribution?: {
                        source?: string;
                        medium?: string;
                        campaign?: string;
                        term?: string;
                        content?: string;
                        referrer?: string;
                        landingPage?: string;
                        clickIds?: {
                            gclid?: string;
                            gbraid?: string;
                            wbraid?: string;
                            dclid?: string;
                            fbclid?: string;
                            msclkid?: string;
                            ttclid?: string;
                            li_fat_id?: string;
                            twclid?: string;
                        };
                    };
                    /** @description Answers by the ids of the offer’s questions: a text up to 200 characters, or the id of an option. */
                    answers?: {
                        [key: string]: string;
                    };
                    /** @description The language of the page, such as `en`. */
                    language?: string;
                    /** @description The version of the text by which the visitor consented to marketing. Absent without consent. */
                    marketingConsent?: string;
                    acceptedTerms?: boolean;
                    /** @description What the site is to run: one of the offered blueprints. Default: the first. */
                    blueprint?: string;
                    /** @description The offer by which the person signs up. Default: the installation’s own. */
                    offer?: string;
                    /** @description The variant of the offer that the person saw. */
                    variant?: string;
                    /** @description The proof of work that a 428 asked for. */
                    proof?: components["schemas"]["Proof"];
                };
            };
        };
        responses: {
            /** @description The code was mailed. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Signup"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReusedOrMailDomainRefused"];
            428: components["responses"]["ProofOfWorkRequired"];
            429: components["responses"]["RateLimited"];
        };
    };
    submitSignupForm: {
        parameters: {
            query?: {
                /** @description The language of the page. The answer says in it what was wrong. */
                language?: "en" | "de";
                /** @description The offer of the page. */
                offer?: string;
            };
            header?: {
                /** @description Global Privacy Control: with `1`, no attribution is stored. */
                "sec-gpc"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description The fields `email`, `acceptedTerms`, `marketingConsent` and, for each question, `answer.` with its id, as `application/x-www-form-urlencoded`. */
        requestBody: {
            content: {
                "*/*": unknown;
            };
        };
        responses: {
            /** @description The code was mailed. */
            303: {
                headers: {
                    /** @description The page that asks for the code. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            422: components["responses"]["MailDomainRefused"];
            428: components["responses"]["ProofOfWorkRequired"];
            429: components["responses"]["RateLimited"];
        };
    };
    verifySignup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    /** @description Whether the person accepts the terms now. With the code of a link, what the sign-up said of terms and marketing does not count: somebody else may have begun it. */
                    acceptedTerms?: boolean;
                    /** @description The version of the text by which the person consents to marketing now. */
                    marketingConsent?: string;
                };
            };
        };
        responses: {
            /** @description Signed in. The token is also set as a cookie. */
            200: {
                headers: {
                    /** @description The session, for browsers. */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account: components["schemas"]["Account"];
                        session: {
                            token: string;
                            /** Format: date-time */
                            expiresAt: string;
                        };
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            403: components["responses"]["OfferClosed"];
            404: components["responses"]["NotFound"];
            410: components["responses"]["CodeExhaustedOrCodeExpired"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["CodeWrong"];
            429: components["responses"]["RateLimited"];
        };
    };
    reopenByLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                };
            };
        };
        responses: {
            /** @description The account is kept. Its sites stay suspended until you resume them. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            409: components["responses"]["VersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["CodeWrong"];
        };
    };
    countVisit: {
        parameters: {
            query?: never;
            header?: {
                /** @description Global Privacy Control: with `1`, only offer and variant are counted. */
                "sec-gpc"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The offer of the page. Default: the installation’s own, also for one that is not known. */
                    offer?: string;
                    /** @description The variant of the offer. */
                    variant?: string;
                    /** @description The text of `utm_source`. */
                    source?: string;
                    /** @description The text of `utm_medium`. */
                    medium?: string;
                    /** @description The text of `utm_campaign`. */
                    campaign?: string;
                };
            };
        };
        responses: {
            /** @description The visit was counted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
        };
    };
    checkHostname: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether the name is available, and if not, why. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        slug: string;
                        hostname: string;
                        available: boolean;
                        /** @enum {string} */
                        problem?: "too-short" | "too-long" | "bad-characters" | "bad-ends" | "punycode" | "two-hyphens" | "reserved" | "taken";
                        reason?: string;
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
            429: components["responses"]["RateLimited"];
        };
    };
    listPlans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plans. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        plans: components["schemas"]["Plan"][];
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
        };
    };
    checkHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sign-ups work. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "ok";
                        pool: {
                            ready: number;
                            target: number;
                        };
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
            503: components["responses"]["Unavailable"];
        };
    };
    findSecurityContact: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A `security.txt` file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["InvalidRequest"];
        };
    };
    describeApi: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of an earlier answer: if it still holds, the answer is 304. */
                "if-none-match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An OpenAPI 3.1 document. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account of the session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account: components["schemas"]["Account"];
                        session: {
                            /** Format: date-time */
                            expiresAt: string;
                            /**
                             * Format: date-time
                             * @description When it ends if it is not used again.
                             */
                            idleEndsAt: string;
                        };
                        /**
                         * Format: date-time
                         * @description The time of the domain clock, which can be advanced on one machine.
                         */
                        now: string;
                        /**
                         * Format: email
                         * @description The contact address for owners.
                         */
                        contact: string;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
        };
    };
    findSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The address of the person who is signed in; null if nobody is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        email: string | null;
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sessions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: components["schemas"]["SessionEntry"][];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
        };
    };
    endOtherSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The other sessions have ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
        };
    };
    revokeSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session has ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    getAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example acct_01jq3v5k8m0000000000000000 */
                        id: string;
                        email: string;
                        /**
                         * @description Whether support staff may enter your sites. You get a mail about each entry.
                         * @enum {string}
                         */
                        supportEntry: "allowed" | "refused";
                        /** @description Whether you agreed to marketing. */
                        marketingConsent: boolean;
                        /** @description The requested deletion; null if none is requested. */
                        deletion: {
                            /** Format: date-time */
                            requestedAt: string;
                            /** @description Until when you can cancel it; null if it happens at once. */
                            until: string | null;
                        } | null;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
        };
    };
    closeAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The e-mail address of the account. */
                    confirm: string;
                };
            };
        };
        responses: {
            /** @description The account is closed. Its sites are being deleted, and then it is. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example acct_01jq3v5k8m0000000000000000 */
                        id: string;
                        email: string;
                        /**
                         * @description Whether support staff may enter your sites. You get a mail about each entry.
                         * @enum {string}
                         */
                        supportEntry: "allowed" | "refused";
                        /** @description Whether you agreed to marketing. */
                        marketingConsent: boolean;
                        /** @description The requested deletion; null if none is requested. */
                        deletion: {
                            /** Format: date-time */
                            requestedAt: string;
                            /** @description Until when you can cancel it; null if it happens at once. */
                            until: string | null;
                        } | null;
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["VersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ConfirmationWrong"];
        };
    };
    changeAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    supportEntry: "allowed" | "refused";
                };
            };
        };
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example acct_01jq3v5k8m0000000000000000 */
                        id: string;
                        email: string;
                        /**
                         * @description Whether support staff may enter your sites. You get a mail about each entry.
                         * @enum {string}
                         */
                        supportEntry: "allowed" | "refused";
                        /** @description Whether you agreed to marketing. */
                        marketingConsent: boolean;
                        /** @description The requested deletion; null if none is requested. */
                        deletion: {
                            /** Format: date-time */
                            requestedAt: string;
                            /** @description Until when you can cancel it; null if it happens at once. */
                            until: string | null;
                        } | null;
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
        };
    };
    chooseMarketing: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The version of the text that you agree to; null withdraws the consent. */
                    text: string | null;
                };
            };
        };
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example acct_01jq3v5k8m0000000000000000 */
                        id: string;
                        email: string;
                        /**
                         * @description Whether support staff may enter your sites. You get a mail about each entry.
                         * @enum {string}
                         */
                        supportEntry: "allowed" | "refused";
                        /** @description Whether you agreed to marketing. */
                        marketingConsent: boolean;
                        /** @description The requested deletion; null if none is requested. */
                        deletion: {
                            /** Format: date-time */
                            requestedAt: string;
                            /** @description Until when you can cancel it; null if it happens at once. */
                            until: string | null;
                        } | null;
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
        };
    };
    reopenAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account is kept. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example acct_01jq3v5k8m0000000000000000 */
                        id: string;
                        email: string;
                        /**
                         * @description Whether support staff may enter your sites. You get a mail about each entry.
                         * @enum {string}
                         */
                        supportEntry: "allowed" | "refused";
                        /** @description Whether you agreed to marketing. */
                        marketingConsent: boolean;
                        /** @description The requested deletion; null if none is requested. */
                        deletion: {
                            /** Format: date-time */
                            requestedAt: string;
                            /** @description Until when you can cancel it; null if it happens at once. */
                            until: string | null;
                        } | null;
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
        };
    };
    exportAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All data about the person and the account, as a file. */
            200: {
                headers: {
                    /** @description `attachment`, with a file name. */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        exportedAt: string;
                        person: {
                            /** @example prsn_01jq3v5k8m0000000000000000 */
                            id: string;
                            email: string;
                            name: string | null;
                            timeZone: string | null;
                            termsAcceptedAt: string | null;
                            /** Format: date-time */
                            createdAt: string;
                        } | null;
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            company: string | null;
                            /** @description Where you came from when you signed up. */
                            attribution: {
                                source?: string;
                                medium?: string;
                                campaign?: string;
                                term?: string;
                                content?: string;
                                referrer?: string;
                                landingPage?: string;
                                clickIds?: {
                                    [key: string]: string;
                                };
                            } | null;
                            language: string | null;
                            /** @description The domain of your address. */
                            mail: {
                                domain: string;
                                /** @enum {string} */
                                kind: "free" | "company";
                            } | null;
                            /** @description Your consent to marketing. */
                            marketing: {
                                /** Format: date-time */
                                at: string;
                                text: string;
                            } | null;
                            /** @description Your answers when you signed up. */
                            answers: {
                                [key: string]: string;
                            } | null;
                            /** @description The offer of the sign-up; null for the installation’s own. */
                            offer: string | null;
                            variant: string | null;
                            /** Format: date-time */
                            createdAt: string;
                            /** @description The requested deletion; null if none is requested. */
                            deletion: {
                                /** Format: date-time */
                                requestedAt: string;
                                /** @description Until when you can cancel it; null if it happens at once. */
                                until: string | null;
                            } | null;
                            /**
                             * @description Whether support staff may enter your sites. You get a mail about each entry.
                             * @enum {string}
                             */
                            supportEntry: "allowed" | "refused";
                            /** @description The customer at Stripe, who keeps the invoices. */
                            customerId: string | null;
                            currency: string | null;
                        };
                        sites: {
                            site: components["schemas"]["Site"] | null;
                            billing: components["schemas"]["Billing"];
                            domains: {
                                hostname: string;
                                state: string;
                                /** Format: date-time */
                                addedAt: string;
                            }[];
                            copies: {
                                /** @example arc_01jq3v5k8m0000000000000000 */
                                id: string;
                                /** Format: date-time */
                                at: string;
                                bytes: number;
                            }[];
                        }[];
                        sessions: {
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            usedAt: string;
                            /** Format: date-time */
                            expiresAt: string;
                            browser: string | null;
                            network: string | null;
                        }[];
                        /** @description How our sales team sees the account, and what you wrote to them. */
                        lead: {
                            /** @enum {string} */
                            stage: "signed-up" | "activated" | "engaged" | "asked" | "customer" | "expanding" | "at-risk" | "lost";
                            score: number;
                            reasons: string[];
                            contactRequests: {
                                /** Format: date-time */
                                at: string;
                                /** @example site_01jq3v5k8m0000000000000000 */
                                siteId: string;
                                /** @enum {string} */
                                topic: "plans" | "enterprise" | "services" | "other";
                                message: string;
                            }[];
                        } | null;
                        waitingList: {
                            /** Format: date-time */
                            joinedAt: string;
                            status: string;
                        } | null;
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
        };
    };
    listSites: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. A cursor means that more pages follow. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sites: components["schemas"]["Site"][];
                        cursor?: string;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
        };
    };
    createSite: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value that you choose, such as a UUID. Repeating a request with it creates only once. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    slug: string;
                    name?: string;
                    blueprint?: string;
                };
            };
        };
        responses: {
            /** @description The site of an earlier request with this Idempotency-Key. It has failed or ended since. */
            200: {
                headers: {
                    /** @description The path of the site in this API. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            /** @description The site, already running. */
            201: {
                headers: {
                    /** @description The path of the site in this API. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            /** @description The site, being built. */
            202: {
                headers: {
                    /** @description The path of the site in this API. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["HostnameTakenOrTrialAlreadyUsed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["HostnameNotAllowedOrIdempotencyKeyReused"];
            429: components["responses"]["WaitingList"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The site. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
        };
    };
    deleteSite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The hostname of the site. */
                    confirm: string;
                };
            };
        };
        responses: {
            /** @description The site is suspended or archived, and `deletion` says when it is purged. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["OperationInProgressOrTransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ConfirmationWrong"];
        };
    };
    changeSite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Null: the site never sleeps. */
                    sleepAfterMinutes: number | null;
                };
            };
        };
        responses: {
            /** @description The site with its new setting. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
        };
    };
    revokeDeletion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The deletion is cancelled. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
        };
    };
    extendTrial: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The site with the new end of its trial. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["ExtensionUsedOrTransitionNotAllowedOrVersionConflict"];
        };
    };
    resumeSite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The site is active and answers once it has started. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            /** @description The restore has started. The site is active once it answers. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["PaymentRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["OperationInProgressOrTransitionNotAllowedOrVersionConflict"];
        };
    };
    openEntrance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The URL. Anybody with it gets in as the owner, so send nobody there but the owner. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uri */
                        url: string;
                        /** Format: date-time */
                        expiresAt: string;
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowed"];
        };
    };
    handOverSite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The hand-over is in progress. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["OperationInProgressOrTransitionNotAllowedOrVersionConflict"];
        };
    };
    listArchives: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. A cursor means that more pages follow. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        archives: components["schemas"]["Archive"][];
                        cursor?: string;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
        };
    };
    copySite: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value that you choose, such as a UUID. Repeating a request with it creates only once. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The copy of an earlier request with this Idempotency-Key has ended. */
            200: {
                headers: {
                    /** @description The path of the list in this API. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            /** @description A copy is being taken. It is in the list once it is verified. */
            202: {
                headers: {
                    /** @description The path of the list in this API. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["OperationInProgressOrTransitionNotAllowedOrVersionConflict"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["RateLimited"];
        };
    };
    requestContact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    topic: "plans" | "enterprise" | "services" | "other";
                    /**
                     * @description What it is about, in your words.
                     * @default
                     */
                    message?: string;
                };
            };
        };
        responses: {
            /** @description Our sales team was told. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["VersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
        };
    };
    getUsage: {
        parameters: {
            query?: {
                by?: "hour" | "day";
                /** @description By default a day or 30 days before the end. */
                from?: string;
                /** @description Now by default. */
                until?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Hours or days with usage, oldest first. Times are in UTC. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        by: "hour" | "day";
                        /** Format: date-time */
                        from: string;
                        /** Format: date-time */
                        until: string;
                        /** @description To five minutes; null if not within 90 days. */
                        lastUsedAt: string | null;
                        /** @description How many hours of the range the site ran; null if it fell asleep too often to count. */
                        awakeHours: number | null;
                        storage: {
                            /** @description As last measured; null if not known now. */
                            usedBytes: number | null;
                            /** @description What the plan includes. */
                            mostBytes: number;
                        };
                        periods: components["schemas"]["UsagePeriod"][];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
        };
    };
    getHistory: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. A cursor means that more pages follow. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
        };
    };
    linkToArchive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                archiveId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Anybody with the link can download the copy until it expires. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uri */
                        url: string;
                        /** Format: date-time */
                        expiresAt: string;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
        };
    };
    listSummaryLinks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The links that work. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        links: components["schemas"]["SummaryLink"][];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
        };
    };
    shareSummary: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description How long it works.
                     * @default 14
                     */
                    days?: number;
                };
            };
        };
        responses: {
            /** @description The link. A site has at most 20. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example lnk_01jq3v5k8m0000000000000000 */
                        id: string;
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        expiresAt: string;
                        /** Format: uri */
                        url: string;
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
        };
    };
    revokeSummaryLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                linkId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link no longer works. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    getBilling: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Billing"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
        };
    };
    previewPlan: {
        parameters: {
            query: {
                /** @description The id of a plan that has prices. */
                plan: string;
                interval: "month" | "year";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What Stripe would charge now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The charge at once, in minor units, tax included. */
                        due: number;
                        /** @description The credit to later invoices, in minor units. */
                        credit: number;
                        /** @description ISO 4217. */
                        currency: string;
                        /**
                         * Format: date-time
                         * @description Send it as `previewedAt` of the change.
                         */
                        at: string;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["PaymentRequired"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowed"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
        };
    };
    beginCheckout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The id of a plan that has prices. */
                    plan: string;
                    /** @enum {string} */
                    interval: "month" | "year";
                    /** @description Default: the account's currency once it has bought something, otherwise the plan's first. */
                    currency?: string;
                };
            };
        };
        responses: {
            /** @description The open checkout for the same choice. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The id of Stripe's session, `cs_…`. */
                        id: string;
                        /**
                         * Format: uri
                         * @description The payment page.
                         */
                        url: string;
                    };
                };
            };
            /** @description A new checkout. It replaces an open checkout for another choice. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The id of Stripe's session, `cs_…`. */
                        id: string;
                        /**
                         * Format: uri
                         * @description The payment page.
                         */
                        url: string;
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["LimitsExceededOrTransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
        };
    };
    changeOwnPlan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The id of a plan that has prices. */
                    plan: string;
                    /** @enum {string} */
                    interval: "month" | "year";
                    /**
                     * Format: date-time
                     * @description The `at` of a preview of the last 15 minutes: the change charges the same amount.
                     */
                    previewedAt?: string;
                };
            };
        };
        responses: {
            /** @description The plan is changed. Features follow in a moment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Billing"];
                };
            };
            /** @description The bank wants the payment confirmed. The plan stays until the owner has done so. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanConfirmation"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["PaymentDeclinedOrPaymentRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["LimitsExceededOrTransitionNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
        };
    };
    openPortal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link to the portal. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uri */
                        url: string;
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
        };
    };
    listDomains: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All domains, sorted by name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        domains: components["schemas"]["Domain"][];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
        };
    };
    addDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description In any case, in Unicode or Punycode. May be a pasted URL. */
                    hostname: string;
                };
            };
        };
        responses: {
            /** @description The site already has the domain. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Domain"];
                };
            };
            /** @description The domain is added. Checks of its DNS records start now. */
            201: {
                headers: {
                    /** @description The path of the domain in this API. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Domain"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["FeatureNotInPlan"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["HostnameTakenOrLimitsExceededOrTransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["HostnameNotAllowed"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
        };
    };
    verifyDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                /** @description The hostname as listed. */
                hostname: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The domain after the check; `records` show what DNS answered. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Domain"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["VersionConflict"];
            429: components["responses"]["RateLimited"];
        };
    };
    releaseDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                /** @description The hostname as listed. */
                hostname: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The domain is removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["VersionConflict"];
        };
    };
    operatorListSites: {
        parameters: {
            query?: {
                id?: string;
                hostname?: string;
                /** @description The e-mail address of the owner. */
                owner?: string;
                /** @description What the slug begins with. */
                slug?: string;
                status?: "building" | "ready" | "active" | "asleep" | "failed" | "suspended" | "archived" | "purged";
                plan?: string;
                dueBefore?: string;
                sort?: "created" | "deadline";
                order?: "ascending" | "descending";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. A cursor means that more pages follow. A page may have fewer sites than requested. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sites: components["schemas"]["OperatorSite"][];
                        cursor?: string;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetSite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The site and its owner's address. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSiteDetail"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorListEvents: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. A cursor means that more pages follow. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        events: components["schemas"]["SiteEvent"][];
                        cursor?: string;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorListFailures: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The failed starts of the last 30 days, at most ten. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        failures: components["schemas"]["SiteFailure"][];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorExtend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description An ISO 8601 duration of weeks, days and hours, at most P365D.
                     * @example P7D
                     */
                    by: string;
                    /** @description The reason, for the history of the site. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The site with the new end of its trial. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorSuspend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history of the site. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The site is suspended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorResume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history of the site. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The site is active and answers once it has started. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            /** @description The restore has started. The site is active once it answers. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["OperationInProgressOrTransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorRestore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history of the site. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The restore has started. The site is active once it answers. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["OperationInProgressOrTransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorHandOver: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history of the site. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The hand-over is in progress. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["OperationInProgressOrTransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorHold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history of the site. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The site is on hold. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorUnhold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history of the site. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The hold has ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorPurge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history of the site. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description A second operator must confirm (`purgeRequest`), or, after a confirmation, the purge has started. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["OperationInProgressOrTransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorChangePlan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    plan: string;
                    /** @description The reason, for the history of the site. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The site with its new plan. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetBrake: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The brake and its history, newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Brake"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorReleaseBrake: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The brake is off. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Brake"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["VersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorPullBrake: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The brake is on. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Brake"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["VersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetTrials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The trials and their history, newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trials"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorSetTrials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    paused: boolean;
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The new setting. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trials"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["VersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetBilling: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The latest report, and whether a request waits. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BillingReconciliation"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorReconcileBilling: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The reconciliation is requested. The run replaces the report when it ends. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BillingReconciliation"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["VersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorMovePolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    from: number;
                    to: number;
                    dryRun: boolean;
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                    cursor?: string;
                };
            };
        };
        responses: {
            /** @description The sites of this page that were moved or would be; possibly none. A cursor means that more pages follow. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyMove"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["VersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorListBlueprints: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The offered blueprints, the default first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        blueprints: components["schemas"]["BlueprintStanding"][];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorPublishBlueprint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    blueprint: {
                        name: string;
                        version: number;
                        title: string;
                        /** @default  */
                        description?: string;
                        readonly containers: {
                            name: string;
                            image: string;
                            build?: {
                                context: string;
                                /** @default Dockerfile */
                                dockerfile?: string;
                            };
                            process?: {
                                readonly command: string[];
                                /** @default . */
                                directory?: string;
                                environment?: {
                                    [key: string]: string;
                                };
                            };
                            readonly command?: string[];
                            /** @default {} */
                            environment?: {
                                [key: string]: string;
                            };
                            files?: {
                                [key: string]: string;
                            };
                            readonly writable?: string[];
                            readonly mounts?: {
                                path: string;
                                directory: string;
                            }[];
                            readonly capabilities?: ("CHOWN" | "DAC_OVERRIDE" | "FOWNER" | "FSETID" | "KILL" | "NET_BIND_SERVICE" | "SETFCAP" | "SETGID" | "SETPCAP" | "SETUID" | "SYS_CHROOT")[];
                            /** @default [] */
                            readonly secrets?: string[];
                            readonly after?: string[];
                            health?: {
                                readonly command: string[];
                            };
                            /** @default 1 */
                            share?: number;
                        }[];
                        traffic: {
                            container: string;
                            port?: number;
                            /** @default / */
                            healthPath?: string;
                            healthStatus?: number;
                            /** @default 60 */
                            startSeconds?: number;
                            stopSeconds?: number;
                            webSocketIdleSeconds?: number;
                            answerSeconds?: number;
                            fieldsKiB?: number;
                        };
                        /** @enum {string} */
                        access?: "claimed" | "owner" | "public";
                        handOver?: {
                            hook?: {
                                path: string;
                                secret?: string;
                            };
                            task?: {
                                readonly command: string[];
                                process?: {
                                    readonly command: string[];
                                };
                                environment?: {
                                    [key: string]: string;
                                };
                                seconds?: number;
                                /** @constant */
                                beforeStart?: true;
                            };
                        };
                        readonly publicPages?: string[];
                        /** @enum {string} */
                        urlChange?: "headers" | "restart" | "hook";
                        readonly credentials?: {
                            name: string;
                            label: string;
                            user?: string;
                        }[];
                        data: {
                            /** @default /data */
                            directory?: string;
                            /** @enum {string} */
                            mode: "exclusive" | "shared";
                            owner?: {
                                uid: number;
                                gid: number;
                            };
                        };
                        /**
                         * @default none
                         * @enum {string}
                         */
                        outbound?: "none" | "internet";
                        /** @constant */
                        sleep?: "never";
                        /** @constant */
                        logs?: "owner";
                        readonly wakeOn?: {
                            cron: string;
                            timeZone: string;
                        }[];
                        readonly productEvents?: string[];
                        needs?: {
                            memoryMiB?: number;
                            threads?: number;
                        };
                        release?: {
                            /** @default false */
                            migrates?: boolean;
                            readonly command?: string[];
                            commandSeconds?: number;
                            /** @default false */
                            backwardCompatible?: boolean;
                            /** @default [] */
                            readonly checks?: {
                                path?: string;
                                readonly command?: string[];
                                seconds?: number;
                                /** @default 200 */
                                status?: number;
                                contains?: string;
                                notContains?: string;
                                headers?: {
                                    [key: string]: string;
                                };
                            }[];
                            /** @default 600 */
                            bakeSeconds?: number;
                        };
                        /** @default [] */
                        readonly features?: string[];
                    };
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description `draft`: a site is built from it, and it becomes current once that is healthy. `current`: it was published before. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        name: string;
                        version: number;
                        /** @enum {string} */
                        state: "draft" | "current";
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["VersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["BlueprintInvalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorListAudit: {
        parameters: {
            query?: {
                from?: string;
                /** @description The end, which is not included. */
                until?: string;
                /** @description The id of a person or an operator. */
                who?: string;
                /** @description The id of a site, an account or a person. */
                target?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. A cursor means that more pages follow. A page may have fewer entries than requested. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        entries: components["schemas"]["AuditEntry"][];
                        /** @description By id: the hostnames of sites, and the addresses of operators who have a session. */
                        names: {
                            [key: string]: string;
                        };
                        cursor?: string;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorExportAudit: {
        parameters: {
            query?: {
                from?: string;
                /** @description The end, which is not included. */
                until?: string;
                /** @description The id of a person or an operator. */
                who?: string;
                /** @description The id of a site, an account or a person. */
                target?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One entry (`AuditEntry`) in each line. A page may have fewer than requested. */
            200: {
                headers: {
                    /** @description The next page (`rel="next"`), if there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetSignInMethod: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The method. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        method: "hosted" | "code-and-totp" | "this-machine";
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
        };
    };
    operatorBeginSignIn: {
        parameters: {
            query?: {
                /** @description Where to go afterwards: a path below `/operator/`. Default: `/operator/`. */
                returnTo?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the identity provider's page. */
            302: {
                headers: {
                    /** @description Where to go. */
                    Location?: string;
                    /** @description For this browser. */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorRequestCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: email */
                    email: string;
                };
            };
        };
        responses: {
            /** @description If the address is an operator's, the code was mailed. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example ops_01jq3v5k8m0000000000000000 */
                        id: string;
                        /** Format: date-time */
                        expiresAt: string;
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
        };
    };
    operatorFinishSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed in, or to `/operator/?signIn=refused`, `expired`, `limited` or `unavailable`. */
            302: {
                headers: {
                    /** @description Where to go. */
                    Location?: string;
                    /** @description For this browser. */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            404: components["responses"]["NotFound"];
        };
    };
    operatorVerifyCode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    /** @description Six digits, by RFC 6238. */
                    totp: string;
                };
            };
        };
        responses: {
            /** @description Signed in. */
            200: {
                headers: {
                    /** @description The session. */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSession"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            404: components["responses"]["NotFound"];
            410: components["responses"]["CodeExhaustedOrCodeExpired"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["CodeWrong"];
            429: components["responses"]["RateLimited"];
        };
    };
    operatorGetSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who is signed in. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSession"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorEndSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Ends the identity provider's session; null without one. */
                        signOutUrl: string | null;
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorListSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sessions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: components["schemas"]["SessionEntry"][];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorEndOtherSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The other sessions have ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorRevokeSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session has ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetOverview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers of this moment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetTimeline: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. A cursor means that more pages follow. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetConsequences: {
        parameters: {
            query?: {
                action?: "extend" | "suspend" | "resume" | "restore" | "hold" | "unhold" | "purge" | "plan";
                /** @description For `extend`: an ISO 8601 duration. */
                by?: string;
                /** @description For `plan`. */
                plan?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What would happen. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Consequences"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorRetry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the audit log. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The site, or the new one that is built. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["HostnameTakenOrOperationInProgressOrTransitionNotAllowedOrTrialAlreadyUsedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["HostnameNotAllowed"];
            500: components["responses"]["BlueprintUnknown"];
            503: components["responses"]["BlueprintUnavailableOrUnavailable"];
        };
    };
    operatorEnterSite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history and the mail to the owner. Do not include personal data. */
                    reason: string;
                    /** @default 15 */
                    minutes?: number;
                };
            };
        };
        responses: {
            /** @description The URL, which works once, within a minute, and the end of the visit. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uri */
                        url: string;
                        /** Format: date-time */
                        expiresAt: string;
                        /** Format: date-time */
                        until: string;
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["SupportEntryRefusedOrTransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorListPlans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plans, as in the configuration. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        plans: {
                            id: string;
                            name: string;
                            /** @enum {string} */
                            kind: "trial" | "paid" | "enterprise";
                            /** @default [] */
                            readonly prices: {
                                amount: number;
                                currency: string;
                                /** @enum {string} */
                                interval: "month" | "year";
                            }[];
                        }[];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorListCells: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The cells. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cells: {
                            name: string;
                            sites: number;
                            capacity: number;
                            room: number;
                            ready: number;
                        }[];
                        /** @description The platform's quotas; empty on one machine. */
                        quotas: {
                            kind: string;
                            cell: string | null;
                            used: number;
                            limit: number;
                        }[];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The settings. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetSiteBilling: {
        parameters: {
            query?: {
                /** @description Whether to ask Stripe. */
                stripe?: "true" | "false";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The billing. If Stripe cannot be asked, the rest is shown. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorBilling"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorReadLogs: {
        parameters: {
            query?: {
                /** @description The cursor of an answer. By default the last lines. */
                after?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The containers that run and their lines, oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteLogs"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    readLogs: {
        parameters: {
            query?: {
                /** @description The cursor of an answer. By default the last lines. */
                after?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The containers that run and their lines, oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteLogs"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorListRollouts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The roll-outs. A blueprint without one is not listed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        rollouts: components["schemas"]["Rollout"][];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorStartRollout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    blueprint: string;
                    version: number;
                    /** @description How many sites have the version after each wave; the rest follows. Default: 1 site, 5 %, 25 %. */
                    waves?: ({
                        sites: number;
                    } | {
                        percent: number;
                    })[];
                    /** @description How many sites may fail before it halts. Default: one in a hundred, and at least one. */
                    failureBudget?: number;
                    /**
                     * @description For a version that closes a hole: fewer waves (1 site, 25 %), watched for a minute at most.
                     * @default false
                     */
                    security?: boolean;
                    /**
                     * @description For a former version: sites go down to it although a later version is not `backwardCompatible`. Their data is copied first.
                     * @default false
                     */
                    acceptIncompatibleData?: boolean;
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The roll-out has started. The same request of the same operator returns it again. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorPauseRollout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                blueprint: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The roll-out is paused. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorResumeRollout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                blueprint: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The roll-out continues. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorAbortRollout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                blueprint: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The roll-out is aborted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorRetryRollout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                blueprint: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The roll-out continues, with the sites that failed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorRestoreReleaseCopy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `releaseCopy.id` of the site. */
                    archiveId: string;
                    /** @description The reason, for the history. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The operation `upgrade` has started. The same request returns the site, also when it has ended. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorSite"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["OperationInProgressOrTransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorListLeads: {
        parameters: {
            query?: {
                /** @description By score, highest first; by the next step of an assignee; by the end of the trial. */
                sort?: "score" | "next-step" | "deadline";
                /** @description For `score`; all stages by default. */
                stage?: "signed-up" | "activated" | "engaged" | "asked" | "customer" | "expanding" | "at-risk" | "lost";
                /** @description For `next-step`, which needs it. */
                assignee?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. A cursor means that more pages follow. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        leads: components["schemas"]["Lead"][];
                        /** @description Whom leads can be assigned to. */
                        people: string[];
                        cursor?: string;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorExportLeads: {
        parameters: {
            query?: {
                /** @description By score, highest first; by the next step of an assignee; by the end of the trial. */
                sort?: "score" | "next-step" | "deadline";
                /** @description For `score`; all stages by default. */
                stage?: "signed-up" | "activated" | "engaged" | "asked" | "customer" | "expanding" | "at-risk" | "lost";
                /** @description For `next-step`, which needs it. */
                assignee?: string;
                limit?: number;
                cursor?: string;
                /** @description `marketing` leaves out leads without the consent to marketing. */
                for?: "sales" | "marketing";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A row for each lead, below the names of the columns. */
            200: {
                headers: {
                    /** @description The next page (`rel="next"`), if there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetLead: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lead. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LeadDetail"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorChangeLead: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    revision: number;
                    assignee?: string | null;
                    /** @enum {string} */
                    outcome?: "open" | "won" | "lost" | "later";
                    nextStep?: {
                        text: string;
                        /** Format: date-time */
                        at: string;
                    } | null;
                    note?: string;
                };
            };
        };
        responses: {
            /** @description The lead afterwards. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LeadDetail"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["VersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorListReports: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All reports. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        reports: {
                            /** @enum {string} */
                            name: "funnel" | "conversion-time" | "retention" | "revenue" | "trial-cost" | "variants";
                            title: string;
                            /** @description How it can be grouped; empty if it cannot. */
                            by: ("offer" | "variant" | "campaign" | "week")[];
                        }[];
                        /** @description The ids of the offers. */
                        offers: string[];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetReport: {
        parameters: {
            query?: {
                /** @description The first day (UTC); 90 days in all by default. */
                from?: string;
                /** @description The last day (UTC); today by default. */
                until?: string;
                /** @description The id of an offer; all by default. */
                offer?: string;
                /** @description For `funnel`, `conversion-time` and `trial-cost`; `offer` by default. */
                by?: "offer" | "variant" | "campaign" | "week";
                format?: "json" | "csv";
            };
            header?: never;
            path: {
                /** @description One of funnel, conversion-time, retention, revenue, trial-cost, variants. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report. With `format=csv`, a row for each of its rows, below the names of the columns. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    revealCredentials: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value that you choose, such as a UUID. Repeating a request with it creates only once. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credentials. They are not shown again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        credentials: {
                            label: string;
                            user: string | null;
                            value: string;
                        }[];
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            422: components["responses"]["IdempotencyKeyReused"];
        };
    };
    operatorListWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoints, oldest first; at most 20. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        endpoints: components["schemas"]["WebhookEndpoint"][];
                        types: ("account.created" | "account.closed" | "account.reopened" | "person.erased" | "consent.given" | "consent.withdrawn" | "lead.stage-changed" | "contact.requested" | "site.created" | "site.failed" | "site.suspended" | "site.resumed" | "site.archived" | "site.restored" | "site.purged" | "site.plan-changed" | "trial.ending" | "trial.extended" | "subscription.started" | "subscription.past-due" | "subscription.recovered" | "subscription.cancelled" | "subscription.ended")[];
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorCreateWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description An https address. Webhooks go to public addresses only, and follow no redirect. */
                    url: string;
                    description: string;
                    /**
                     * @description The types that it gets; all, also later ones, if this is empty. An endpoint that gets addresses always gets `consent.withdrawn` and `person.erased` too.
                     * @default []
                     */
                    types?: ("account.created" | "account.closed" | "account.reopened" | "person.erased" | "consent.given" | "consent.withdrawn" | "lead.stage-changed" | "contact.requested" | "site.created" | "site.failed" | "site.suspended" | "site.resumed" | "site.archived" | "site.restored" | "site.purged" | "site.plan-changed" | "trial.ending" | "trial.extended" | "subscription.started" | "subscription.past-due" | "subscription.recovered" | "subscription.cancelled" | "subscription.ended")[];
                    /**
                     * @description Whether it gets only what is about accounts whose owner agreed to marketing, and every `account.closed`, `consent.withdrawn` and `person.erased`.
                     * @default false
                     */
                    marketing?: boolean;
                    /** @description The reason, for the audit log. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The endpoint and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example hook_01jq3v5k8m0000000000000000 */
                        id: string;
                        url: string;
                        description: string;
                        types: string[];
                        /** @description Whether it gets only what is about accounts whose owner agreed to marketing, and every `account.closed`, `consent.withdrawn` and `person.erased`. */
                        marketing: boolean;
                        /** @description The secrets that sign, the newest first. */
                        secrets: {
                            /** Format: date-time */
                            createdAt: string;
                            expiresAt: string | null;
                        }[];
                        disabled: {
                            /** Format: date-time */
                            at: string;
                            /** @enum {string} */
                            because: "operator" | "failing" | "gone";
                        } | null;
                        /** Format: date-time */
                        createdAt: string;
                        /** @description Begins with `whsec_`. */
                        secret: string;
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["TransitionNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorGetWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorDeleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the audit log. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The endpoint is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorChangeWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description An https address. Webhooks go to public addresses only, and follow no redirect. */
                    url?: string;
                    description?: string;
                    /** @description The types that it gets; all, also later ones, if this is empty. An endpoint that gets addresses always gets `consent.withdrawn` and `person.erased` too. */
                    types?: ("account.created" | "account.closed" | "account.reopened" | "person.erased" | "consent.given" | "consent.withdrawn" | "lead.stage-changed" | "contact.requested" | "site.created" | "site.failed" | "site.suspended" | "site.resumed" | "site.archived" | "site.restored" | "site.purged" | "site.plan-changed" | "trial.ending" | "trial.extended" | "subscription.started" | "subscription.past-due" | "subscription.recovered" | "subscription.cancelled" | "subscription.ended")[];
                    /** @description Whether it gets only what is about accounts whose owner agreed to marketing, and every `account.closed`, `consent.withdrawn` and `person.erased`. */
                    marketing?: boolean;
                    enabled?: boolean;
                    /** @description The reason, for the audit log. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The endpoint after the change. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["VersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorRotateWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description For how long the present secret signs too. 0 ends it, and one before it, at once. While a former one still signs, only 0 is possible.
                     * @default 24
                     */
                    overlapHours?: number;
                    /** @description The reason, for the audit log. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The endpoint and its new secret. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example hook_01jq3v5k8m0000000000000000 */
                        id: string;
                        url: string;
                        description: string;
                        types: string[];
                        /** @description Whether it gets only what is about accounts whose owner agreed to marketing, and every `account.closed`, `consent.withdrawn` and `person.erased`. */
                        marketing: boolean;
                        /** @description The secrets that sign, the newest first. */
                        secrets: {
                            /** Format: date-time */
                            createdAt: string;
                            expiresAt: string | null;
                        }[];
                        disabled: {
                            /** Format: date-time */
                            at: string;
                            /** @enum {string} */
                            because: "operator" | "failing" | "gone";
                        } | null;
                        /** Format: date-time */
                        createdAt: string;
                        /** @description Begins with `whsec_`. */
                        secret: string;
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowedOrVersionConflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorListWebhookAttempts: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the log. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        attempts: components["schemas"]["WebhookAttempt"][];
                        cursor: string | null;
                    };
                };
            };
            /** @description `If-None-Match` has the `ETag` of the present answer. */
            304: {
                headers: {
                    /** @description A weak tag. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorRedeliverWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                attemptId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reason, for the audit log. Do not include personal data. */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description It is queued. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        messageId: string;
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrMalformedBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TransitionNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            503: components["responses"]["Unavailable"];
        };
    };
    receiveStripeEvent: {
        parameters: {
            query?: never;
            header?: {
                /** @description Stripe's signature with a timestamp. */
                "stripe-signature"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description The signed event, unchanged. */
        requestBody: {
            content: {
                "*/*": unknown;
            };
        };
        responses: {
            /** @description The event is recorded, a duplicate, or not relevant. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        received: true;
                    };
                };
            };
            400: components["responses"]["InvalidRequestOrWebhookRefused"];
            413: components["responses"]["PayloadTooLarge"];
            503: components["responses"]["Unavailable"];
        };
    };
    "account.created": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "account.created";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "account.closed": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "account.closed";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "account.reopened": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "account.reopened";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "person.erased": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "person.erased";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "consent.given": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "consent.given";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "consent.withdrawn": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "consent.withdrawn";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "lead.stage-changed": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "lead.stage-changed";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        /** @description The stage of the lead (docs/leads.md). */
                        stage?: string;
                        previousStage?: string;
                        /** @description 0 to 100. */
                        score?: number;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "contact.requested": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "contact.requested";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        /**
                         * @description The site whose owner asked.
                         * @example site_01jq3v5k8m0000000000000000
                         */
                        siteId?: string;
                        /** @description `plans`, `enterprise`, `services` or `other`. */
                        topic?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "site.created": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "site.created";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "site.failed": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "site.failed";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "site.suspended": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "site.suspended";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                        /** @description A code, such as `trial-ended`. */
                        because?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "site.resumed": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "site.resumed";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                        /** Format: date-time */
                        trialEndsAt?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "site.archived": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "site.archived";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "site.restored": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "site.restored";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "site.purged": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "site.purged";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                        /** @description A code, such as `trial-ended`. */
                        because?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "site.plan-changed": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "site.plan-changed";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                        previousPlan?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "trial.ending": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "trial.ending";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                        /** @description Days until the deadline. */
                        daysBefore?: number;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "trial.extended": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "trial.extended";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                        /** Format: date-time */
                        trialEndsAt?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "subscription.started": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "subscription.started";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                        previousPlan?: string;
                        /** @description `month` or `year`. */
                        interval?: string;
                        currency?: string;
                        /**
                         * Format: date-time
                         * @description The end of the latest period that was paid for.
                         */
                        paidThrough?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "subscription.past-due": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "subscription.past-due";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                        previousPlan?: string;
                        /** @description `month` or `year`. */
                        interval?: string;
                        currency?: string;
                        /**
                         * Format: date-time
                         * @description The end of the latest period that was paid for.
                         */
                        paidThrough?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "subscription.recovered": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "subscription.recovered";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                        previousPlan?: string;
                        /** @description `month` or `year`. */
                        interval?: string;
                        currency?: string;
                        /**
                         * Format: date-time
                         * @description The end of the latest period that was paid for.
                         */
                        paidThrough?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "subscription.cancelled": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "subscription.cancelled";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                        previousPlan?: string;
                        /** @description `month` or `year`. */
                        interval?: string;
                        currency?: string;
                        /**
                         * Format: date-time
                         * @description The end of the latest period that was paid for.
                         */
                        paidThrough?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "subscription.ended": {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every attempt: ignore one that you know. */
                "webhook-id": string;
                /** @description The seconds since 1970 of this attempt. */
                "webhook-timestamp": string;
                /** @description One signature or, while a secret is rotated, two: `v1,…`. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "subscription.ended";
                    /**
                     * Format: date-time
                     * @description When it happened. Sort by it: webhooks may arrive in another order.
                     */
                    timestamp: string;
                    data: {
                        account: {
                            /** @example acct_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description The address of its owner when this was sent; null once erased. */
                            email: string | null;
                            /** @description Whether the owner agreed to marketing. */
                            marketingConsent: boolean;
                        };
                        site: {
                            /** @example site_01jq3v5k8m0000000000000000 */
                            id: string;
                            /** @description Null once the site is purged. */
                            name: string | null;
                            url: string | null;
                            status: string;
                            plan: string;
                        };
                        previousPlan?: string;
                        /** @description `month` or `year`. */
                        interval?: string;
                        currency?: string;
                        /**
                         * Format: date-time
                         * @description The end of the latest period that was paid for.
                         */
                        paidThrough?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Accepted. Any other answer, or none within 10 seconds, is retried for three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
