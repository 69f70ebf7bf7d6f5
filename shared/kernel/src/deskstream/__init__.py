"""The event-sourcing kernel of Deskstream. It knows no service and no process of ITSM."""
