//! Two customers and people with every kind of right to them: what the tests of access share.
//!
//! `north` has Ann (csm) and Vera (viewer) in its team, `south` Bob (csm). Ada (admin), Lou (manager), Uma (csm) and Vic
//! (viewer, said to see everything) are in no team. Old Tom, whom no role names, led a mail to `north` and is in no team any more.

use engagement::id::AccountId;
use engagement::vocabulary::Role;
use rapport_tests::TestDb;
use sea_orm::ConnectionTrait;
use service::access::Access;
use service::record::account;
use service::record::user::{self, User};

use crate::import_stage::import_texts;

/// Somebody with an opinion about what they may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    Admin,
    Manager,
    /// A csm in the team of `north`.
    Csm,
    /// A csm in the team of `south` only.
    OtherCsm,
    /// A csm in no team.
    LoneCsm,
    /// A viewer in the team of `north`.
    Viewer,
    /// A viewer in no team who is said to see everything.
    FreeViewer,
}

impl Actor {
    pub(crate) const ALL: [Self; 7] = [
        Self::Admin,
        Self::Manager,
        Self::Csm,
        Self::OtherCsm,
        Self::LoneCsm,
        Self::Viewer,
        Self::FreeViewer,
    ];

    /// Their address.
    pub(crate) const fn email(self) -> &'static str {
        match self {
            Self::Admin => "admin@example.com",
            Self::Manager => "lou@example.com",
            Self::Csm => "ann@example.com",
            Self::OtherCsm => "bob@example.com",
            Self::LoneCsm => "uma@example.com",
            Self::Viewer => "vera@example.com",
            Self::FreeViewer => "vic@example.com",
        }
    }

    /// What they may do.
    pub(crate) const fn role(self) -> Role {
        match self {
            Self::Admin => Role::Admin,
            Self::Manager => Role::Manager,
            Self::Csm | Self::OtherCsm | Self::LoneCsm => Role::Csm,
            Self::Viewer | Self::FreeViewer => Role::Viewer,
        }
    }

    /// The accounts they see, by external id.
    pub(crate) const fn sees(self) -> &'static [&'static str] {
        match self {
            Self::Admin | Self::Manager | Self::FreeViewer => &["north", "south"],
            Self::Csm | Self::Viewer => &["north"],
            Self::OtherCsm => &["south"],
            Self::LoneCsm => &[],
        }
    }

    /// Their user.
    pub(crate) async fn user(self, db: &TestDb) -> User {
        user::find_by_email(db, &db.system(), &self.email().parse().unwrap())
            .await
            .unwrap()
            .unwrap()
    }

    /// Their rights.
    pub(crate) async fn access(self, db: &TestDb) -> Access {
        Access::of(self.user(db).await.id, self.role())
    }
}

const FILES: &[(&str, &str)] = &[
    (
        "users.csv",
        "email,name,role,sees_everything\nadmin@example.com,Ada,admin,\nlou@example.com,Lou,manager,\nann@example.com,Ann,csm,\n\
         bob@example.com,Bob,csm,\numa@example.com,Uma,csm,\nvera@example.com,Vera,viewer,\nvic@example.com,Vic,viewer,true\ntom@example.com,Tom,csm,\n",
    ),
    (
        "accounts.csv",
        "external_id,name,tier,arr,currency,renewal_date\nnorth,North Ltd,enterprise,1000,EUR,2026-12-01\nsouth,South Ltd,smb,10,EUR,2026-12-01\n",
    ),
    (
        "teams.csv",
        "account_external_id,user_email,team_role\nnorth,ann@example.com,csm\nnorth,vera@example.com,executive_sponsor\nsouth,bob@example.com,csm\n",
    ),
    (
        "contacts.csv",
        "account_external_id,external_id,name,title,department,seniority,email\n\
         north,c1,Cleo North,CEO,Board,c_level,cleo@north.example\nnorth,c2,Dan North,VP,IT,vp,dan@north.example\n\
         south,c1,Eve South,CEO,Board,c_level,eve@south.example\n",
    ),
    (
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,rank\nnorth,c1,2025-01-01,primary\nsouth,c1,2025-01-01,primary\n",
    ),
    ("features.csv", "feature\nreports\nalerts\n"),
    (
        "interactions.csv",
        "account_external_id,external_id,kind,direction,status,occurred_at,subject,owner_email,participants\n\
         north,i1,meeting,outbound,completed,2026-06-01T10:00:00Z,Plans,ann@example.com,c1:attended;c2\n\
         north,i2,email,outbound,completed,2026-06-02T10:00:00Z,Hello,tom@example.com,c2\n\
         south,i1,meeting,outbound,completed,2026-06-16T10:00:00Z,Plans,bob@example.com,c1\n",
    ),
    (
        "usage.csv",
        "account_external_id,contact_external_id,feature,day,count\nnorth,c2,reports,2026-06-10,3\nsouth,c1,alerts,2026-06-12,3\n",
    ),
    (
        "metrics.csv",
        "account_external_id,metric,observed_on,value\nnorth,roi,2026-05-01,2\nsouth,roi,2026-05-01,3\n",
    ),
    (
        "goals.csv",
        "account_external_id,goal,progress\nnorth,Grow,10\nsouth,Grow,20\n",
    ),
    (
        "initiatives.csv",
        "account_external_id,initiative,alignment\nnorth,Roll out,high\nsouth,Roll out,low\n",
    ),
];

/// Sets the stage; the ids of `north` and `south`.
pub(crate) async fn stage(db: &TestDb) -> [AccountId; 2] {
    let (summary, remembered) = import_texts(db, FILES).await;
    assert!(summary.is_clean(), "{:?}", remembered.rejected());
    settle(db).await;
    let accounts = account::by_external_ids(db, &db.system(), &["north".into(), "south".into()])
        .await
        .unwrap();
    ["north", "south"].map(|key| accounts[key].id)
}

/// Forgets which accounts are to be scored again, so that a test sees what it has touched.
pub(crate) async fn settle(db: &TestDb) {
    db.write_tx(async |tx| {
        tx.execute_unprepared("DELETE FROM touched_account")
            .await
            .unwrap();
        Ok(())
    })
    .await
    .unwrap();
}
